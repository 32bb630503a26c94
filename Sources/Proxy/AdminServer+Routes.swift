package import Splitting
import Telemetry

extension AdminServer {
    /// Why a proxy is not ready, or that it is.
    package enum Readiness: Sendable, Hashable {
        case ready
        /// No table was installed yet: there is nothing to route by.
        case noTable
        /// It does not listen yet.
        case starting
        /// It finishes what it has and takes nothing new.
        case draining
        /// It refuses new requests until less memory is held.
        case shortOfMemory
    }

    /// What the admin port tells about; each is called on the server's thread, once a request at most.
    package struct Sources: Sendable {
        package var metrics: @Sendable () -> ProxyMetricsSnapshot
        package var backends: @Sendable () -> [BackendStatus]
        /// The table that is served now.
        package var table: @Sendable () -> FlatTable?
        package var readiness: @Sendable () -> Readiness
        /// The newest first, and what they were held against.
        package var slowRequests: @Sendable () -> (requests: [FinishedRequest], slowRequest: Duration)
        /// Threads that have not turned for so long that they must be stuck; empty when all is well.
        package var stuckThreads: @Sendable () -> [Int]

        package init(
            metrics: @escaping @Sendable () -> ProxyMetricsSnapshot,
            backends: @escaping @Sendable () -> [BackendStatus],
            table: @escaping @Sendable () -> FlatTable?,
            readiness: @escaping @Sendable () -> Readiness,
            slowRequests: @escaping @Sendable () -> (requests: [FinishedRequest], slowRequest: Duration),
            stuckThreads: @escaping @Sendable () -> [Int]
        ) {
            self.metrics = metrics
            self.backends = backends
            self.table = table
            self.readiness = readiness
            self.slowRequests = slowRequests
            self.stuckThreads = stuckThreads
        }
    }

    /// The pages: `/metrics`, `/healthz`, `/readyz`, `/table`, `/slow-requests`; for `init(address:logger:handler:)`.
    package static func pages(_ sources: Sources, build: ProxyExposition.Build) -> Handler {
        { method, path in
            guard let page = page(path) else {
                return .error(404, "not_found", "There are /metrics, /healthz, /readyz, /table and /slow-requests.")
            }
            guard method == "GET" || method == "HEAD" else {
                var response = AdminResponse.error(405, "method_not_allowed", "\(path) can only be read.")
                response.allow = "GET, HEAD"
                return response
            }
            return page(sources, build)
        }
    }

    private static func page(_ path: String) -> ((Sources, ProxyExposition.Build) -> AdminResponse)? {
        switch path {
        case "/metrics": metrics
        case "/healthz": { sources, _ in health(sources) }
        case "/readyz": { sources, _ in readiness(sources) }
        case "/table": { sources, _ in table(sources) }
        case "/slow-requests": { sources, _ in slowRequests(sources) }
        default: nil
        }
    }

    private static func metrics(_ sources: Sources, _ build: ProxyExposition.Build) -> AdminResponse {
        let exposition = ProxyExposition(
            metrics: sources.metrics(), backends: sources.backends(), table: sources.table()?.routingTable,
            process: .now(), build: build)
        return AdminResponse(
            status: 200, contentType: ProxyExposition.contentType, body: exposition.text())
    }

    private static func health(_ sources: Sources) -> AdminResponse {
        let stuck = sources.stuckThreads()
        var json = JSONText()
        json.object { json in
            json.string("status", stuck.isEmpty ? "ok" : "stuck")
            if !stuck.isEmpty { json.array("threads") { json in stuck.forEach { json.number(nil, $0) } } }
        }
        return AdminResponse(status: stuck.isEmpty ? 200 : 503, body: json.text + "\n")
    }

    private static func readiness(_ sources: Sources) -> AdminResponse {
        switch sources.readiness() {
        case .ready:
            var json = JSONText()
            json.object { json in
                json.string("status", "ready")
                json.number("generation", sources.table()?.generation ?? 0)
            }
            return AdminResponse(status: 200, body: json.text + "\n")
        case .noTable: return .error(503, "no_table", "No routing table was received yet, and none is on disk.")
        case .starting: return .error(503, "starting", "The proxy does not listen yet.")
        case .draining: return .error(503, "draining", "The proxy finishes what it has and then ends.")
        case .shortOfMemory:
            return .error(503, "memory_pressure", "The proxy has too little memory left for new requests.")
        }
    }

    private static func slowRequests(_ sources: Sources) -> AdminResponse {
        let (requests, slowRequest) = sources.slowRequests()
        return AdminResponse(status: 200, body: SlowRequestsPage.json(requests, slowRequest: slowRequest) + "\n")
    }

    private static func table(_ sources: Sources) -> AdminResponse {
        guard let table = sources.table() else {
            return .error(503, "no_table", "No routing table was received yet, and none is on disk.")
        }
        return AdminResponse(status: 200, body: TablePage.json(table, sources.backends()) + "\n")
    }
}
