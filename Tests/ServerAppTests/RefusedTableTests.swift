import ControlAPI
import ControlAPITestSupport
import ControlPlane
import Foundation
import RegistryStore
import Resources
import Signals
import Splitting
import TestSupport
import Testing

@testable import ServerApp

@Suite("A table that a proxy can't serve")
struct RefusedTableTests {
    @Test("is refused, and the proxy's reports say why until it serves a newer one")
    func refusal() async throws {
        try await TestDatabase.withSchema { database in
            let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
                "turnout-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: directory) }
            let reports = LatestValue<ProxyReport?>(nil)
            let feed = LatestValue(TableFeed(newest: .init(generation: 7, digest: "d"), steps: [], whole: Self.later))
            let router = ControlAPIRouter(
                controlPlane: ControlPlane(
                    store: RegistryStore(pool: database.pool),
                    artifactStore: ArtifactStore(directory: directory.path), logger: TestDatabase.quietLogger),
                access: .open(hosts: ["127.0.0.1"]), feed: feed, takeReport: { reports.set($0) }, checkReadiness: {})
            try await RunningControlAPI.with(router) { running in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let listen = try #require(ListenAddress(parsing: "127.0.0.1:0"))
                    group.addTask {
                        try await runProxy(
                            ProxyAppConfiguration(
                                source: .control(url: running.url, token: nil), proxy: listen, admin: listen,
                                dataDirectory: directory.path, threads: 1),
                            logger: TestDatabase.quietLogger)
                    }
                    let refused = try await Self.report(in: reports) { $0.refusal != nil }
                    #expect(refused.refusal == "The routing table has format 99; this version reads 2 to 4.")
                    #expect(refused.generation == 0)
                    feed.set(
                        TableFeed(newest: .init(generation: 8, digest: "d"), steps: [], whole: { Self.bytes(8) }))
                    let served = try await Self.report(in: reports) { $0.generation == 8 }
                    #expect(served.refusal == nil)
                    feed.finish()
                    group.cancelAll()
                }
            }
        }
    }

    private static func report(
        in reports: LatestValue<ProxyReport?>, where isWanted: (ProxyReport) -> Bool
    ) async throws -> ProxyReport {
        for await report in reports.values() {
            if let report, isWanted(report) { return report }
        }
        throw TurnoutError(.internal, "No such report came.")
    }

    private static func bytes(_ generation: UInt64) -> [UInt8] {
        (try? FlatTable.compile(RoutingTable(generation: generation, routes: []))) ?? []
    }

    /// As a later version of Turnout would write it.
    private static func later() -> [UInt8] {
        var bytes = bytes(7)
        bytes[8] = 99
        return bytes
    }
}
