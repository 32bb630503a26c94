import Foundation
import TestSupport
import Testing

@Suite("A proxy that ends, or gives its place to another")
struct UpgradeTests {
    @Test(
        "Eight takeovers under load, each with other threads, refuse, cut and fail nothing, and every answer is counted"
    )
    func takeovers() async throws {
        try await withProxy { installation in
            var running = try await installation.start(threads: 2)
            let clients = HonestClients(port: installation.port, [.short, .short, .short, .kept, .kept, .kept])
            var counted = 0
            for threads in [1, 3, 1, 2, 4, 4, 1, 2] {
                let seen = clients.answered
                try await eventually("requests flow") { clients.answered > seen + 100 }
                let next = try await installation.start(threads: threads, "--takeover")
                #expect(try await running.waitForExit() == 0, "\(running.output())")
                counted += try installation.answers(of: running)
                running = next
            }
            try await clients.stop()
            #expect(clients.failures.isEmpty, "\(clients.failures)")
            // A client that is between two requests is told to close with the next one's answer.
            #expect(clients.closed >= 8)
            running.send(SIGTERM)
            #expect(try await running.waitForExit() == 0, "\(running.output())")
            counted += try installation.answers(of: running)
            #expect(counted == clients.answered)
        }
    }

    @Test("Told to end under load, it answers what was sent before it said close")
    func drains() async throws {
        try await withProxy { installation in
            for _ in 0..<3 {
                let proxy = try await installation.start(threads: 2)
                let clients = HonestClients(port: installation.port, Array(repeating: .once, count: 8))
                try await eventually("requests flow") { clients.answered > 200 }
                proxy.send(SIGTERM)
                try await eventually("every client was told to close") { clients.running == 0 }
                #expect(clients.failures.isEmpty, "\(clients.failures)")
                #expect(clients.closed == 8)
                #expect(try await proxy.waitForExit() == 0, "\(proxy.output())")
                #expect(try installation.answers(of: proxy) == clients.answered)
            }
        }
    }

    @Test("Told to end with a delay, it says that it is not ready, and serves new connections until the delay is over")
    func delays() async throws {
        try await withProxy { installation in
            let proxy = try await installation.start(threads: 1, "--drain-delay", "5s")
            proxy.send(SIGTERM)
            try await eventually("not ready") { await status(of: installation.readiness) == 503 }
            let answer = try ScoringConnection(port: installation.port).score(path: "/fraud/score")
            #expect(answer.status == 200)
            #expect(answer.headers["connection"] == nil)
            #expect(try await proxy.waitForExit() == 0, "\(proxy.output())")
            #expect((try? ScoringConnection(port: installation.port)) == nil)
        }
    }

    @Test("Killed at any point, it leaves nothing that keeps the next one from starting")
    func killed() async throws {
        try await withProxy { installation in
            var running = try await installation.start(threads: 1, "--takeover")
            for round in 0..<4 {
                // One that may have the place already, or is about to take it.
                let other = try installation.launch(threads: 2, "--takeover")
                if round.isMultiple(of: 2) {
                    try await eventually("the other asks") { other.output().contains("Taking a running proxy's place") }
                }
                other.send(SIGKILL)
                running.send(SIGKILL)
                _ = try await other.waitForExit()
                _ = try await running.waitForExit()
                running = try await installation.start(threads: 1, "--takeover")
                let answer = try ScoringConnection(port: installation.port).score(path: "/fraud/score")
                #expect(answer.status == 200)
            }
        }
    }

    @Test("Under a control plane, the new one speaks as the same proxy, and takes up where the old one was")
    func underControl() async throws {
        try await Fleet.with { fleet in
            let ada = fleet.user()
            let scorer = try StubScorer(version: "fraud/1")
            defer { scorer.stop() }
            let server = try fleet.startServer()
            try await fleet.serverIsReady(server)
            var proxy = try fleet.startProxy("--takeover")
            for _ in 0..<2 {
                try await ada.run("model", "create", "fraud", expecting: nil)
                try await ada.run("version", "register", "fraud")
            }
            func apply(_ traffic: String) async throws {
                try fleet.scratch.write(
                    endpointFile(champion: scorer.authority, challenger: scorer.authority, traffic: traffic),
                    to: "fraud.yaml")
                try await ada.run("apply", fleet.scratch.endpoints, "--wait")
            }
            try await fleet.proxyIsReady(proxy)
            try await apply("5")
            let clients = HonestClients(port: fleet.proxyPort, [.short, .kept])
            for round in 1...2 {
                let next = try fleet.startProxy("--takeover")
                // While one hands over to the other, the control plane has something for them.
                async let applied: Void = apply("\(round * 10)")
                #expect(try await proxy.waitForExit() == 0, "\(proxy.output())")
                try await applied
                proxy = next
                let proxies: [ProxyLine] = try await ada.run("proxies", "--output", "json").json()
                #expect(proxies.count == 1)
            }
            try await clients.stop()
            #expect(clients.failures.isEmpty, "\(clients.failures)")
            for process in [proxy, server] {
                process.send(SIGTERM)
                #expect(try await process.waitForExit() == 0, "\(process.output())")
            }
        }
    }

    private struct ProxyLine: Decodable {}

    // MARK: A proxy of files alone

    private struct Installation {
        let scratch: Scratch
        let port: Int
        let admin: Int
        private let starts = Counter()

        init(scratch: Scratch) throws {
            self.scratch = scratch
            port = try LoopbackPort.reserve()
            admin = try LoopbackPort.reserve()
        }

        var readiness: String { "http://127.0.0.1:\(admin)/readyz" }

        func launch(threads: Int, _ more: String...) throws -> TurnoutProcess { try launch(threads, more) }

        private func launch(_ threads: Int, _ more: [String]) throws -> TurnoutProcess {
            try TurnoutProcess(
                [
                    "proxy", "--static", scratch.endpoints, "--threads", "\(threads)", "--proxy", "127.0.0.1:\(port)",
                    "--admin", "127.0.0.1:\(admin)", "--data", scratch.file("proxy").path,
                ] + more, outputFile: scratch.file("proxy-\(starts.next()).log"))
        }

        /// Returns once the new process serves.
        func start(threads: Int, _ more: String...) async throws -> TurnoutProcess {
            let process = try launch(threads, more)
            try await eventually(deadline: .seconds(60), "process \(process.processIdentifier) serves") {
                guard process.isRunning else { throw EndToEndFailure("it ended: \(process.output())") }
                return process.output().contains("The proxy is ready")
            }
            return process
        }

        /// How many answers a process that ended says that it gave.
        func answers(of process: TurnoutProcess) throws -> Int {
            let line = process.output().split(separator: "\n").last { $0.contains("The proxy has ended") }
            let fields = try JSONDecoder().decode([String: String].self, from: Data((line ?? "{}").utf8))
            return try #require(fields["answers"].flatMap { Int($0) })
        }
    }

    private final class Counter {
        private var count = 0
        func next() -> Int {
            count += 1
            return count
        }
    }

    private func withProxy(_ body: (Installation) async throws -> Void) async throws {
        try await Scratch.with { scratch in
            let scorer = try StubScorer(version: "fraud/1")
            defer { scorer.stop() }
            try scratch.write(
                endpointFile(champion: scorer.authority, challenger: scorer.authority, traffic: "10"), to: "fraud.yaml")
            try await body(Installation(scratch: scratch))
        }
    }
}
