import Proxy
import Resources
import Splitting
import TestSupport
import Testing

/// A proxy with hedging before two scorers that say what they are told when they are told: every request goes to `first`,
/// and to `second` only besides.
final class HedgingPair {
    let first: RecordingScorer
    let second: RecordingScorer
    let proxy: Proxy

    init(
        _ retry: RetryPolicy = RetryPolicy(budget: .all, hedgeAfter: Interval(milliseconds: 20)),
        route edit: (inout RoutingTable.Route) -> Void = { _ in }
    ) throws {
        (first, second) = (try RecordingScorer(), try RecordingScorer())
        first.script = Self.held(Self.answer("one"))
        second.script = Self.held(Self.answer("two"))
        var route = try ProxyFixture.route(
            endpoint: "fraud",
            arms: [
                ProxyFixture.arm("champion", version: 1, [BucketRange(0, 10_000)], ports: [first.port, second.port])
            ])
        route.retry = retry
        edit(&route)
        proxy = try ProxyFixture.proxy(routes: [route], configure: { $0.slowRequest = .zero })
        // Asked where nobody else is left.
        proxy.backends.slots.setOutlier(try slot(second), true)
    }

    deinit {
        proxy.stop()
        first.stop()
        second.stop()
    }

    /// What is said once it is released.
    static func held(_ text: String, then ending: RecordingScorer.Ending = .stays) -> RecordingScorer.Script {
        RecordingScorer.Script(pieces: [], held: [Array(text.utf8)], ending: ending)
    }

    static func answer(_ text: String, status: Int = 200) -> String {
        "HTTP/1.1 \(status) Stub\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
    }

    func slot(_ scorer: RecordingScorer) throws -> Int {
        try #require(proxy.backends.registrations().first { $0.backend.port == scorer.port }).slot
    }

    func failures(_ scorer: RecordingScorer) throws -> Int {
        proxy.backends.slots.failures(try slot(scorer)).requests
    }

    /// A client whose request is at both scorers.
    func hedged(_ text: String = request()) async throws -> ScoringClient {
        let (before, beforeSecond) = (first.requestCount, second.requestCount)
        let client = try ScoringClient(port: proxy.boundPort)
        try client.send(text)
        try await eventually("both have the request") {
            first.requestCount == before + 1 && second.requestCount == beforeSecond + 1
        }
        return client
    }

    var series: ProxyMetricsSnapshot.Series {
        get throws { try #require(proxy.metrics().series.first { $0.variant == "champion" }) }
    }

    /// Waits until no connection has a request.
    func becomesIdle(kept: UInt64) async throws {
        try await eventually("\(kept) connections are kept, and no other is open") {
            let metrics = proxy.metrics()
            return metrics.backendConnections == kept && metrics.idleBackendConnections == kept
                && metrics.series.allSatisfy { $0.inFlight == 0 }
        }
    }
}
