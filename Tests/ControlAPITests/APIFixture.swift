import ControlAPI
import ControlAPIClient
import ControlPlane
import Logging
import Postgres
import RegistryStore
import Resources
import Signals
import Synchronization
import TestSupport

/// A control API on a real socket over an empty database.
struct APIFixture: Sendable {
    let url: String
    let client: APIClient
    let feed: LatestValue<TableFeed>
    let reports: Reports
    let routes: [(method: String, path: String)]

    /// What proxies reported.
    final class Reports: Sendable {
        private let taken = Mutex<[ProxyReport]>([])
        var all: [ProxyReport] { taken.withLock { $0 } }
        func take(_ report: ProxyReport) { taken.withLock { $0.append(report) } }
    }

    static let open = Access.open(hosts: ["127.0.0.1", "localhost"])

    static func with<Value: Sendable>(
        access: Access = APIFixture.open, isReady: Bool = true,
        _ body: @Sendable (APIFixture) async throws -> Value
    ) async throws -> Value {
        // No test here reaches the database: nothing listens at this address.
        let pool = PostgresPool(
            PostgresConfiguration(url: "postgresql://127.0.0.1:1/none", connectTimeout: .seconds(1)),
            logger: TestDatabase.quietLogger)
        let controlPlane = ControlPlane(
            store: RegistryStore(pool: pool), artifactStore: ArtifactStore(directory: "/nonexistent"),
            logger: TestDatabase.quietLogger)
        let feed = LatestValue(TableFeed(table: nil))
        let reports = Reports()
        let router = ControlAPIRouter(
            controlPlane: controlPlane, access: access, feed: feed, takeReport: { reports.take($0) },
            checkReadiness: {
                if !isReady { throw TurnoutError(.unavailable, "Not just now.", context: "the operator's detail") }
            })
        let port = LatestValue<Int?>(nil)
        let server = ControlAPIServer(
            router: router.build(), host: "127.0.0.1", port: 0, logger: TestDatabase.quietLogger,
            onListening: { port.set($0) })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            var bound: Int?
            for await value in port.values() where value != nil {
                bound = value
                break
            }
            let url = "http://127.0.0.1:\(bound ?? 0)"
            let value = try await body(
                APIFixture(
                    url: url, client: try APIClient(url: url), feed: feed, reports: reports, routes: router.routes))
            feed.finish()
            group.cancelAll()
            await pool.shutdown()
            return value
        }
    }
}
