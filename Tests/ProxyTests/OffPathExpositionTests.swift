import Foundation
import Proxy
import Resources
import Splitting
import Telemetry
import TestSupport
import Testing

@Suite("What a proxy tells Prometheus")
struct ExpositionTests {
    static let usage = ProcessUsage(
        startTimeSeconds: 1_700_000_000.25, cpuSeconds: 1.5, residentBytes: 4096, openDescriptors: 7,
        descriptorLimit: 1024)

    static func metrics() -> ProxyMetricsSnapshot {
        var snapshot = ProxyMetricsSnapshot()
        var series = ProxyMetricsSnapshot.Series(endpoint: "fraud", variant: "champion", version: "fr\"au\\d\n/12")
        series.answers2xx = 40
        series.answers5xx = 2
        series.turnoutErrors = ["backend_timeout": 2]
        series.aborted = ["client_closed": 1]
        series.connectFailures = 5
        series.retries = 4
        series.hedges = 3
        series.hedgesWon = 2
        series.slowRequests = 9
        series.requestBytes = 1000
        series.latency.count = 42
        series.latency.sumSeconds = 0.5
        series.latency.buckets = [
            .init(upperBound: 0.001, count: 30), .init(upperBound: 0.01, count: 0), .init(upperBound: 2.5, count: 10),
            .init(upperBound: .infinity, count: 2),
        ]
        var undecided = ProxyMetricsSnapshot.Series(endpoint: "fraud", variant: "", version: "")
        undecided.answers4xx = 3
        undecided.turnoutErrors = ["routing_key_missing": 3, "backend_timeout": 1]
        snapshot.series = [undecided, series]
        snapshot.accessLogLines = 3
        snapshot.accessLogDropped = ["rate": 2]
        snapshot.unroutedErrors = ["endpoint_not_found": 9]
        snapshot.clientConnections = 11
        snapshot.backendConnections = 5
        snapshot.idleBackendConnections = 4
        snapshot.generation = 77
        snapshot.threads = 2
        snapshot.memory = .init(limit: 1000, held: 930)
        snapshot.memoryPressure = .draining
        return snapshot
    }

    static func page(_ metrics: ProxyMetricsSnapshot = metrics()) throws -> String {
        let status = BackendStatus(
            checked: CheckedBackend(SampleTable.champion, check: SampleTable.check), isHealthy: true,
            since: Timestamp(microseconds: 0), lastError: nil,
            addresses: [SocketAddress(ipv4: 0x7f00_0001, port: 9001)], isResolved: true)
        return ProxyExposition(
            metrics: metrics, backends: [status], table: try SampleTable.make(generation: 77).routingTable,
            process: usage, build: .init(version: "1.0", commit: "abc")
        ).text()
    }

    @Test("The page is well-formed, and each figure stands under its name and labels")
    func figures() throws {
        let page = try ParsedExposition(Self.page())
        let variant = ["endpoint": "fraud", "variant": "champion", "version": "fr\"au\\d\n/12"]
        func with(_ more: [String: String]) -> [String: String] { variant.merging(more) { $1 } }
        #expect(page.value("turnout_proxy_requests_total", with(["code": "2xx"])) == 40)
        #expect(page.value("turnout_proxy_requests_total", with(["code": "3xx"])) == 0)
        #expect(page.value("turnout_proxy_requests_total", with(["code": "5xx"])) == 2)
        #expect(page.value("turnout_proxy_request_duration_seconds_bucket", with(["le": "0.001"])) == 30)
        #expect(page.value("turnout_proxy_request_duration_seconds_bucket", with(["le": "2.5"])) == 40)
        #expect(page.value("turnout_proxy_request_duration_seconds_bucket", with(["le": "+Inf"])) == 42)
        #expect(page.value("turnout_proxy_request_duration_seconds_sum", variant) == 0.5)
        #expect(page.value("turnout_proxy_errors_total", ["endpoint": "fraud", "code": "backend_timeout"]) == 3)
        #expect(page.value("turnout_proxy_errors_total", ["endpoint": "", "code": "endpoint_not_found"]) == 9)
        #expect(page.value("turnout_proxy_aborted_requests_total", with(["reason": "client_closed"])) == 1)
        #expect(page.value("turnout_proxy_connect_failures_total", variant) == 5)
        #expect(page.value("turnout_proxy_retries_total", variant) == 4)
        #expect(page.value("turnout_proxy_hedges_total", variant) == 3)
        #expect(page.value("turnout_proxy_hedges_won_total", variant) == 2)
        #expect(page.value("turnout_proxy_slow_requests_total", variant) == 9)
        #expect(page.value("turnout_proxy_access_log_lines_total") == 3)
        #expect(page.value("turnout_proxy_memory_limit_bytes") == 1000)
        #expect(page.value("turnout_proxy_memory_held_bytes") == 930)
        #expect(page.value("turnout_proxy_memory_pressure") == 1)
        let lost = ["rate", "buffer", "write"].map {
            page.value("turnout_proxy_access_log_dropped_total", ["reason": $0])
        }
        #expect(lost == [2, 0, 0])
        #expect(page.value("turnout_proxy_connections") == 11)
        #expect(page.value("turnout_proxy_upstream_connections", ["state": "active"]) == 1)
        #expect(page.value("turnout_proxy_upstream_connections", ["state": "idle"]) == 4)
        #expect(page.value("turnout_proxy_table_generation") == 77)
        let healthy = ["endpoint": "fraud", "variant": "champion", "backend": "127.0.0.1:9001"]
        #expect(page.value("turnout_proxy_backend_healthy", healthy) == 1)
        let unknown = ["endpoint": "fraud", "variant": "challenger", "backend": "scorer.test:9002"]
        #expect(page.value("turnout_proxy_backend_healthy", unknown) == 0)
        #expect(page.value("process_start_time_seconds") == 1_700_000_000.25)
        #expect(page.value("process_resident_memory_bytes") == 4096)
        #expect(page.value("turnout_build_info", ["version": "1.0", "commit": "abc"]) == 1)
    }

    @Test("A proxy that has served nothing yet has a well-formed page as well")
    func empty() throws {
        let text = ProxyExposition(
            metrics: ProxyMetricsSnapshot(), backends: [], table: nil, process: Self.usage,
            build: .init(version: "1.0", commit: "")
        ).text()
        #expect(try ParsedExposition(text).value("turnout_proxy_table_generation") == 0)
    }

    @Test("The process's own figures are read, and make sense")
    func process() throws {
        let usage = ProcessUsage.now()
        let now = Date().timeIntervalSince1970
        #expect(usage.startTimeSeconds > now - 86_400 && usage.startTimeSeconds < now + 5)
        #expect(usage.residentBytes > 1 << 20)
        #expect(usage.openDescriptors >= 3 && usage.openDescriptors < usage.descriptorLimit)
    }

    @Test("promtool finds nothing to complain about", .enabled(if: Promtool.isInstalled, "promtool is not installed"))
    func promtoolCheck() throws {
        #expect(try Promtool.complaints(about: Self.page()).isEmpty)
    }
}
