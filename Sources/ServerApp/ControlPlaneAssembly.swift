import ControlAPI
import ControlPlane
import Logging
import Postgres
import Reconciler
import RegistryStore
import Resources
import ServiceLifecycle
import Signals

/// A control plane on one database, put together: what `server` and `dev` both run.
struct ControlPlaneAssembly {
    let controlPlane: ControlPlane
    /// In the order of their start; stopped in reverse, so that streams end before the HTTP server waits for them.
    let services: [any Service]

    /// Binds nothing yet.
    ///
    /// - Parameters:
    ///   - name: different for every process that ever runs.
    ///   - onListening: is told the control API's port.
    init(
        pool: PostgresPool, control: ListenAddress, access: (ControlPlane) -> Access, artifacts: String, name: String,
        logger: Logger, onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) throws {
        let store = RegistryStore(pool: pool)
        let activator = Activator()
        let controlPlane = ControlPlane(
            store: store, artifactStore: ArtifactStore(directory: artifacts), logger: logger,
            poke: { activator.poke() })
        let feed = LatestValue(TableFeed())
        let reports = ReportBatcher(logger: logger) { reports in
            try await controlPlane.report(reports)
        }
        let reconciler = Reconciler(
            store: store, configuration: .init(holder: name), activator: activator, logger: logger)
        let requests = RequestMetrics()
        let exposition = ServerExposition(
            requests: requests, reconciler: reconciler.metrics, pool: pool, store: store)
        let router = ControlAPIRouter(
            controlPlane: controlPlane, access: access(controlPlane), feed: feed, takeReport: reports.take,
            checkReadiness: {
                do {
                    _ = try await pool.query("SELECT 1 AS one", [])
                } catch let error as PostgresError {
                    throw TurnoutError(
                        .unavailable, "PostgreSQL can't be reached just now.", context: error.operatorDetail)
                }
            },
            requests: requests, metrics: MetricsPage(isOpen: control.isLoopback) { await exposition.text() })
        self.controlPlane = controlPlane
        services = [
            ControlAPIServer(
                responder: try router.responder(), host: control.host, port: control.port, logger: logger,
                onListening: onListening),
            reports,
            ReconcilerService(reconciler: reconciler),
            TableBroadcast(
                feed: feed, pool: pool,
                readTables: { try await store.routingTables(after: $0) }, logger: logger),
        ]
    }
}

/// The reconciler as a part of a process: ends, and lets go of its lease, when the process is told to.
private struct ReconcilerService: Service {
    let reconciler: Reconciler

    func run() async throws {
        await withGracefulShutdownHandler {
            await reconciler.run()
        } onGracefulShutdown: {
            reconciler.stop()
        }
    }
}
