import Foundation
import Postgres
import Resources
import Synchronization
import TestSupport
import Testing

@Suite("When things break")
struct OutageTests {
    @Test("the proxy serves without server and PostgreSQL, starts from its disk without them, and catches up after")
    func servesAlone() async throws {
        try await Fleet.with { fleet in
            let ada = fleet.user()
            let champion = try StubScorer(version: "fraud/1")
            let challenger = try StubScorer(version: "fraud/2")
            defer {
                champion.stop()
                challenger.stop()
            }
            var server = try fleet.startServer()
            try await fleet.serverIsReady(server)
            var proxy = try fleet.startProxy()
            try await ada.run("model", "create", "fraud")
            try await ada.run("version", "register", "fraud")
            try await ada.run("version", "register", "fraud")
            try fleet.scratch.write(
                endpointFile(champion: champion.authority, challenger: challenger.authority, traffic: "25"),
                to: "fraud.yaml")
            try await fleet.proxyIsReady(proxy)
            try await ada.run("apply", fleet.scratch.endpoints, "--wait")

            let load = ScoringLoad(port: fleet.proxyPort, path: "/fraud/score", clients: 2, users: 1000)
            load.start()
            try await eventually("requests flow") { load.count > 100 }
            try await fleet.postgres.stop(.immediate)
            server.send(SIGKILL)
            _ = try await server.waitForExit()
            let before = load.count
            try await eventually("requests flow without a control plane") { load.count > before + 500 }
            let observations = try await load.stop()
            #expect(load.failures.isEmpty, "\(load.failures)")
            #expect(Set(observations.map(\.answer.status)) == [200])

            proxy.send(SIGKILL)
            _ = try await proxy.waitForExit()
            proxy = try fleet.startProxy()
            try await fleet.proxyIsReady(proxy)
            let connection = try ScoringConnection(port: fleet.proxyPort)
            for (user, version) in Dictionary(
                observations.map { ($0.user, $0.answer.version) }, uniquingKeysWith: { $1 })
            {
                let answer = try connection.score(path: "/fraud/score", headers: ["x-user-id": user])
                #expect(answer.version == version, "\(user) from the table on disk")
            }

            try await fleet.postgres.start()
            server = try fleet.startServer()
            try await fleet.serverIsReady(server)
            try await ada.run("promote", "fraud", "challenger")
            try await eventually(deadline: .seconds(30), "the proxy has caught up") {
                try connection.score(path: "/fraud/score", headers: ["x-user-id": "user-1"]).version == "fraud/2"
            }
            server.send(SIGTERM)
            #expect(try await server.waitForExit() == 0)
            proxy.send(SIGTERM)
            #expect(try await proxy.waitForExit() == 0, "\(proxy.output())")
        }
    }

    @Test("a server killed at ten random moments has lost nothing that it acknowledged")
    func losesNothingAcknowledged() async throws {
        try await Fleet.with { fleet in
            let ada = fleet.user()
            var server = try fleet.startServer()
            try await fleet.serverIsReady(server)
            try await ada.run("model", "create", "fraud")

            let acknowledged = Acknowledged()
            for _ in 0..<10 {
                let enough = acknowledged.count + Int.random(in: 1...4)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<3 { group.addTask { try await registerUntilRefused(ada, acknowledged) } }
                    // The other writers are in the middle of something, each time of something else.
                    try await eventually(deadline: .seconds(60), "\(enough) acknowledged") {
                        acknowledged.count >= enough
                    }
                    server.send(SIGKILL)
                    _ = try await server.waitForExit()
                    try await group.waitForAll()
                }
                server = try fleet.startServer()
                try await fleet.serverIsReady(server)
            }
            let listed: [Registered] = try await ada.run(
                "version", "list", "fraud", "--output", "json"
            ).json()
            let versions = listed.map(\.version).sorted()
            #expect(versions == Array(1...max(1, versions.count)), "numbers have no holes: \(versions)")
            #expect(acknowledged.versions.isSubset(of: versions))
            try await ada.run("audit", "--verify")
            server.send(SIGTERM)
            #expect(try await server.waitForExit() == 0)
        }
    }

    private func registerUntilRefused(_ user: CommandLineUser, _ acknowledged: Acknowledged) async throws {
        while !Task.isCancelled {
            let result = try await user.run("version", "register", "fraud", "--output", "json", expecting: nil)
            guard result.exitCode == 0 else { return }
            let version = try result.json(Registered.self).version
            acknowledged.insert(version)
        }
    }

    private struct Registered: Decodable { let version: Int }

    /// The versions that the server has said are registered, whatever became of it after.
    private final class Acknowledged: Sendable {
        private let state = Mutex<Set<Int>>([])

        var versions: Set<Int> { state.withLock { $0 } }
        var count: Int { versions.count }
        func insert(_ version: Int) { state.withLock { _ = $0.insert(version) } }
    }
}
