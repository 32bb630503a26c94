import Synchronization
package import Telemetry

/// What a server counts of the requests that it answers. The labels are routes and classes of status codes, never what a
/// caller wrote.
package final class RequestMetrics: Sendable {
    private struct Route: Hashable {
        let method: String
        /// `/api/v1/models/{model}`; empty for what is no route.
        let path: String
    }

    private struct Counts {
        var byClass: [Int: UInt64] = [:]
        var durations = DurationHistogram()
    }

    private let counts = Mutex<[Route: Counts]>([:])
    private let streams = Atomic(0)

    package init() {}

    /// - Parameter path: the route's template; `nil` when no route took the request.
    func record(method: String, path: String?, status: Int, took duration: Duration) {
        let route = Route(method: path == nil ? "" : method, path: path ?? "")
        counts.withLock { counts in
            counts[route, default: Counts()].byClass[status / 100, default: 0] += 1
            counts[route, default: Counts()].durations.record(duration)
        }
    }

    /// A stream of routing tables begins; `streamEnded` must follow.
    func streamBegan() { streams.add(1, ordering: .relaxed) }
    func streamEnded() { streams.subtract(1, ordering: .relaxed) }

    package func write(to page: inout ExpositionText) {
        let routes = counts.withLock { $0 }.sorted { ($0.key.path, $0.key.method) < ($1.key.path, $1.key.method) }
        func labels(_ route: Route) -> ExpositionText.Labels { ["method": route.method, "route": route.path] }
        page.family(
            "turnout_server_requests_total", .counter,
            "Requests answered, by method, route and class of status code; method and route are empty where none took it."
        )
        for (route, counts) in routes {
            for (kind, count) in counts.byClass.sorted(by: { $0.key < $1.key }) {
                page.sample(labels(route).with("code", "\(kind)xx"), count)
            }
        }
        page.family(
            "turnout_server_request_duration_seconds", .histogram,
            "From a request's head to its answer's head, by method and route.")
        for (route, counts) in routes {
            page.histogram(
                labels(route), bounds: DurationHistogram.bounds, counts: counts.durations.counts,
                sum: counts.durations.sumSeconds)
        }
        page.family(
            "turnout_server_table_streams", .gauge, "Proxies that follow routing tables on this server just now.")
        page.sample([:], streams.load(ordering: .relaxed))
    }
}
