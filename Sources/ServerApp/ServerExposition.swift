import ControlAPI
import ControlAPITypes
import Postgres
import Reconciler
import RegistryStore
import Telemetry

/// Everything a control plane tells Prometheus. The families of requests and of the reconciler are declared where they are
/// counted; the rest here.
struct ServerExposition: Sendable {
    let requests: RequestMetrics
    let reconciler: ReconcilerMetrics
    let pool: PostgresPool
    let store: RegistryStore

    /// A scrape does not wait longer for the database.
    private static let patience = Duration.seconds(2)

    /// Prometheus' text format 0.0.4.
    func text() async -> String {
        var page = ExpositionText()
        requests.write(to: &page)
        writeDatabase(&page)
        reconciler.write(to: &page)
        writeProxies(&page, await lag())
        page.build(version: ServerVersion.current.version, commit: "")
        page.process(ProcessUsage.now())
        return page.text
    }

    private func lag() async -> ProxyLag? {
        await withTaskGroup(of: ProxyLag?.self) { group in
            group.addTask { try? await store.proxyLag() }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func writeDatabase(_ page: inout ExpositionText) {
        let use = pool.use
        page.family(
            "turnout_server_database_connections", .gauge, "Connections to PostgreSQL, by what they do: active or idle."
        )
        page.sample(["state": "active"], use.active)
        page.sample(["state": "idle"], use.idle)
        page.family(
            "turnout_server_database_connections_limit", .gauge, "Most connections to PostgreSQL that may be open.")
        page.sample([:], use.limit)
        page.family("turnout_server_database_waiters", .gauge, "Callers that wait for a connection.")
        page.sample([:], use.waiting)
    }

    /// - Parameter lag: `nil` while the database can't be asked; then nothing is said but that.
    private func writeProxies(_ page: inout ExpositionText, _ lag: ProxyLag?) {
        page.family(
            "turnout_server_database_up", .gauge, "Whether PostgreSQL answered this scrape's own question: 1, or 0.")
        page.sample([:], lag == nil ? 0 : 1)
        page.family(
            "turnout_server_table_generation", .gauge, "The newest routing table's generation, whoever published it.")
        if let lag { page.sample([:], lag.generation) }
        page.family(
            "turnout_server_proxies", .gauge,
            "Proxies heard of within 15 seconds, by whether they serve the newest table: in_step or behind.")
        if let lag {
            page.sample(["state": "in_step"], lag.inStep)
            page.sample(["state": "behind"], lag.live - lag.inStep)
        }
        page.family(
            "turnout_server_proxy_lag_generations", .gauge,
            "How many tables the live proxy that is furthest behind lacks.")
        if let lag { page.sample([:], lag.generations) }
        page.family(
            "turnout_server_proxy_silence_seconds", .gauge,
            "Since when nothing was heard of the live proxy longest silent.")
        if let lag { page.sample(seconds: lag.silenceSeconds) }
    }
}
