import ControlAPI
import ControlAPIClient
import ControlAPITestSupport
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
    let document: OpenAPIDocument

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
        let feed = LatestValue(TableFeed())
        let reports = Reports()
        let router = ControlAPIRouter(
            controlPlane: controlPlane, access: access, feed: feed, takeReport: { reports.take($0) },
            checkReadiness: {
                if !isReady { throw TurnoutError(.unavailable, "Not just now.", context: "the operator's detail") }
            })
        let (routes, document) = (try router.routes(), try router.document())
        let value = try await RunningControlAPI.with(router) { running in
            let value = try await body(
                APIFixture(
                    url: running.url, client: try APIClient(url: running.url), feed: feed, reports: reports,
                    routes: routes, document: document))
            feed.finish()
            return value
        }
        await pool.shutdown()
        return value
    }
}
