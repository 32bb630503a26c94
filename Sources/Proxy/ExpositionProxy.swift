import Resources
package import Splitting
package import Telemetry

/// Everything a proxy tells Prometheus, from values alone. Each family is declared here and nowhere else.
package struct ProxyExposition: Sendable {
    package struct Build: Sendable, Hashable {
        package var version: String
        package var commit: String

        package init(version: String, commit: String) {
            self.version = version
            self.commit = commit
        }
    }

    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let metrics: ProxyMetricsSnapshot
    /// The labels of each of the metrics' series.
    private let labels: [ExpositionText.Labels]
    private let backends: [(labels: ExpositionText.Labels, status: BackendStatus?)]
    private let process: ProcessUsage
    private let build: Build

    package init(
        metrics: ProxyMetricsSnapshot, backends: [BackendStatus], table: RoutingTable?, process: ProcessUsage,
        build: Build
    ) {
        self.metrics = metrics
        labels = metrics.series.map { ["endpoint": $0.endpoint, "variant": $0.variant, "version": $0.version] }
        self.backends = Self.labelled(backends, in: table)
        self.process = process
        self.build = build
    }

    /// Prometheus' text format 0.0.4.
    package func text() -> String {
        var page = ExpositionText()
        writeRequests(&page)
        writeInFlight(&page)
        writeTrouble(&page)
        writeVolume(&page)
        writeConnections(&page)
        writeBackends(&page)
        writeMemory(&page)
        writeAccessLog(&page)
        writeProcess(&page)
        return page.text
    }

    /// The backends of each variant, as many lines as the table has.
    private static func labelled(
        _ statuses: [BackendStatus], in table: RoutingTable?
    ) -> [(labels: ExpositionText.Labels, status: BackendStatus?)] {
        let known = Dictionary(statuses.map { ($0.checked, $0) }, uniquingKeysWith: { first, _ in first })
        var labelled: [(labels: ExpositionText.Labels, status: BackendStatus?)] = []
        for route in table?.routes ?? [] {
            for arm in route.variants {
                // Two equal label sets would make the whole page invalid.
                for backend in Set(arm.backends).sorted() {
                    let labels: ExpositionText.Labels = [
                        "endpoint": route.endpoint.rawValue, "variant": arm.name.rawValue, "backend": backend.authority,
                    ]
                    labelled.append((labels, known[CheckedBackend(backend, check: route.health)]))
                }
            }
        }
        return labelled
    }

    private func writeRequests(_ page: inout ExpositionText) {
        page.family("turnout_proxy_requests_total", .counter, "Answers that clients got, by class of status code.")
        for (series, labels) in zip(metrics.series, labels) {
            let answers = [
                ("2xx", series.answers2xx), ("3xx", series.answers3xx), ("4xx", series.answers4xx),
                ("5xx", series.answers5xx),
            ]
            for (code, count) in answers { page.sample(labels.with("code", code), count) }
        }
        page.family(
            "turnout_proxy_request_duration_seconds", .histogram,
            "From a request's first byte read to its answer's last byte written.")
        // Of thousands of endpoints, many have no requests at most proxies.
        for (series, labels) in zip(metrics.series, labels) where series.latency.count > 0 {
            page.histogram(
                labels, bounds: series.latency.buckets.map(\.upperBound).filter(\.isFinite),
                counts: series.latency.buckets.map(\.count), sum: series.latency.sumSeconds)
        }
    }

    private func writeInFlight(_ page: inout ExpositionText) {
        page.family(
            "turnout_proxy_requests_in_flight", .gauge, "Requests of an endpoint that are not answered whole yet.")
        for series in metrics.series where series.variant.isEmpty {
            page.sample(["endpoint": series.endpoint], series.inFlight)
        }
    }

    private func writeTrouble(_ page: inout ExpositionText) {
        page.family(
            "turnout_proxy_errors_total", .counter,
            "Answers made by Turnout itself, by their code; the endpoint is empty where none was found.")
        var errors: [String: [String: UInt64]] = ["": metrics.unroutedErrors]
        for series in metrics.series {
            errors[series.endpoint, default: [:]].merge(series.turnoutErrors, uniquingKeysWith: +)
        }
        for (endpoint, codes) in errors.sorted(by: { $0.key < $1.key }) {
            for (code, count) in codes.sorted(by: { $0.key < $1.key }) {
                page.sample(["endpoint": endpoint, "code": code], count)
            }
        }
        page.family(
            "turnout_proxy_aborted_requests_total", .counter,
            "Requests whose client left, or whose answer was cut, by reason.")
        for (series, labels) in zip(metrics.series, labels) {
            for (reason, count) in series.aborted.sorted(by: { $0.key < $1.key }) {
                page.sample(labels.with("reason", reason), count)
            }
        }
        counter(
            &page, "turnout_proxy_slow_requests_total",
            "Requests, answered or not, that took at least as long as --slow-request says.", \.slowRequests)
        counter(
            &page, "turnout_proxy_retries_total", "Sendings beyond the first under the retry policy, hedges included.",
            \.retries)
        counter(
            &page, "turnout_proxy_hedges_total",
            "Sendings to another backend while one still had the request, under retry.hedgeAfter.", \.hedges)
        counter(
            &page, "turnout_proxy_hedges_won_total", "Hedges whose answer was the first good one.", \.hedgesWon)
        counter(
            &page, "turnout_proxy_stale_connections_total",
            "Sendings again because a kept connection turned out to be closed.", \.staleConnections)
        counter(
            &page, "turnout_proxy_connect_failures_total", "Connections to backends that could not be made.",
            \.connectFailures)
    }

    private func writeAccessLog(_ page: inout ExpositionText) {
        page.family("turnout_proxy_access_log_lines_total", .counter, "Lines written to the access log.")
        page.sample([:], metrics.accessLogLines)
        page.family(
            "turnout_proxy_access_log_dropped_total", .counter,
            "Lines missing in the access log: over its rate, without room on their way to it, or not taken by the file."
        )
        for reason in RequestJournal.Loss.allCases {
            page.sample(["reason": reason.rawValue], metrics.accessLogDropped[reason.rawValue, default: 0])
        }
    }

    private func writeVolume(_ page: inout ExpositionText) {
        counter(&page, "turnout_proxy_request_bytes_total", "Bytes of requests relayed to backends.", \.requestBytes)
        counter(&page, "turnout_proxy_answer_bytes_total", "Bytes of answers relayed to clients.", \.answerBytes)
    }

    private func counter(
        _ page: inout ExpositionText, _ name: String, _ help: String,
        _ value: KeyPath<ProxyMetricsSnapshot.Series, UInt64>
    ) {
        page.family(name, .counter, help)
        for (series, labels) in zip(metrics.series, labels) { page.sample(labels, series[keyPath: value]) }
    }

    private func writeConnections(_ page: inout ExpositionText) {
        page.family("turnout_proxy_connections", .gauge, "Client connections open now.")
        page.sample([:], metrics.clientConnections)
        page.family("turnout_proxy_upstream_connections", .gauge, "Connections to backends open now, by what they do.")
        let idle = min(metrics.idleBackendConnections, metrics.backendConnections)
        page.sample(["state": "active"], metrics.backendConnections - idle)
        page.sample(["state": "idle"], idle)
        page.family("turnout_proxy_accepted_connections_total", .counter, "Client connections ever accepted.")
        page.sample([:], metrics.acceptedConnections)
        page.family(
            "turnout_proxy_refused_connections_total", .counter,
            "Client connections refused because of the limit, or for want of memory.")
        page.sample([:], metrics.refusedConnections)
        page.family("turnout_proxy_threads", .gauge, "Event loops.")
        page.sample([:], metrics.threads)
    }

    private func writeMemory(_ page: inout ExpositionText) {
        page.family(
            "turnout_proxy_memory_limit_bytes", .gauge,
            "Memory that the process may hold; without a sample where there is no limit.")
        if let memory = metrics.memory { page.sample([:], memory.limit) }
        page.family(
            "turnout_proxy_memory_held_bytes", .gauge,
            "What counts against the limit: resident memory without pages of files; without a sample where there is none."
        )
        if let memory = metrics.memory { page.sample([:], memory.held) }
        page.family(
            "turnout_proxy_memory_pressure", .gauge,
            "How short memory is: 0, 1 from 92 % of the limit on (connections end with their answers), 2 from 95 % on "
                + "(new requests are refused), 3 from 98 % on (requests that need more end).")
        page.sample([:], metrics.memoryPressure.rawValue)
    }

    private func writeBackends(_ page: inout ExpositionText) {
        page.family(
            "turnout_proxy_table_generation", .gauge, "Lowest generation of the routing table that every loop serves.")
        page.sample([:], metrics.generation)
        page.family(
            "turnout_proxy_backend_healthy", .gauge,
            "Whether requests are sent to the backend: 1, or 0 while it is out.")
        for (labels, status) in backends { page.sample(labels, status?.isReady ?? false ? 1 : 0) }
        page.family(
            "turnout_proxy_backend_outlier", .gauge,
            "Whether the backend's latest requests failed, so that others of its variant are asked: 1, or 0.")
        for (labels, status) in backends { page.sample(labels, status?.isOutlier ?? false ? 1 : 0) }
        page.family(
            "turnout_proxy_backend_ejections_total", .counter, "How often the backend became an outlier.")
        for (labels, status) in backends { page.sample(labels, status?.ejections ?? 0) }
        page.family(
            "turnout_proxy_backend_addresses", .gauge, "Addresses that the backend's name stands for; 0 if unresolved.")
        for (labels, status) in backends { page.sample(labels, status?.addresses.count ?? 0) }
    }

    private func writeProcess(_ page: inout ExpositionText) {
        page.build(version: build.version, commit: build.commit)
        page.process(process)
    }
}
