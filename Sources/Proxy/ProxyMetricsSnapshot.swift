/// Everything the proxy counts, summed over its threads at one moment. Counters only rise while the proxy lives, and
/// survive table swaps for every endpoint, variant and version that stays.
package struct ProxyMetricsSnapshot: Sendable, Hashable {
    /// A histogram's bucket: how many values were at most `upperBound` and above the bound before it.
    package struct Bucket: Sendable, Hashable {
        /// Seconds, included.
        package var upperBound: Double
        /// In this bucket alone, not cumulative.
        package var count: UInt64

        package init(upperBound: Double, count: UInt64) {
            self.upperBound = upperBound
            self.count = count
        }
    }

    /// From a request's first byte read to its answer's last byte written.
    package struct Latency: Sendable, Hashable {
        package var count: UInt64 = 0
        package var sumSeconds: Double = 0
        /// By rising bound, the same bounds for every series, the last one infinite; empty when nothing was counted.
        package var buckets: [Bucket] = []

        package init() {}
    }

    /// In bytes: what the process holds without pages of files, and what it may.
    package struct Memory: Sendable, Hashable {
        package var limit: UInt64
        package var held: UInt64

        package init(limit: UInt64, held: UInt64) {
            self.limit = limit
            self.held = held
        }
    }

    /// What an endpoint's variant did, or, where `variant` is empty, requests of the endpoint that reached none.
    package struct Series: Sendable, Hashable {
        package var endpoint: String
        /// Empty for what was decided before a variant was chosen (a missing routing key, say).
        package var variant: String
        /// `fraud/12`; empty when `variant` is.
        package var version: String
        /// Answers that clients got, by class; those made by Turnout included.
        package var answers2xx: UInt64 = 0
        package var answers3xx: UInt64 = 0
        package var answers4xx: UInt64 = 0
        package var answers5xx: UInt64 = 0
        /// Answers made by Turnout, by their code (`no_healthy_backend`); only codes that occurred.
        package var turnoutErrors: [String: UInt64] = [:]
        /// Requests whose client left or whose answer was cut, by reason (`client_closed`, `truncated`).
        package var aborted: [String: UInt64] = [:]
        package var requestBytes: UInt64 = 0
        package var answerBytes: UInt64 = 0
        /// Requests that took as long as the configuration calls slow, or longer; answered or not.
        package var slowRequests: UInt64 = 0
        /// Sendings beyond the first, under the endpoint's retry policy.
        package var retries: UInt64 = 0
        /// Those of the retries that were sent while another backend still had the request.
        package var hedges: UInt64 = 0
        /// Hedges whose answer the client got.
        package var hedgesWon: UInt64 = 0
        /// Sendings again because a kept-alive connection turned out to be closed.
        package var staleConnections: UInt64 = 0
        package var connectFailures: UInt64 = 0
        /// Requests in flight now, where `variant` is empty.
        package var inFlight: UInt64 = 0
        package var latency = Latency()

        package init(endpoint: String, variant: String, version: String) {
            self.endpoint = endpoint
            self.variant = variant
            self.version = version
        }
    }

    /// By endpoint, variant, version.
    package var series: [Series] = []
    /// Answers made before an endpoint was known (`endpoint_not_found`, `bad_request`), by code.
    package var unroutedErrors: [String: UInt64] = [:]
    /// Client connections open now.
    package var clientConnections: UInt64 = 0
    /// Connections to backends open now, those kept for reuse included.
    package var backendConnections: UInt64 = 0
    package var idleBackendConnections: UInt64 = 0
    package var acceptedConnections: UInt64 = 0
    /// Connections refused because the limit was reached, or memory was short.
    package var refusedConnections: UInt64 = 0
    /// Lowest generation that every loop serves; 0 before the first table.
    package var generation: UInt64 = 0
    package var threads: Int = 0
    /// `nil` without a limit.
    package var memory: Memory?
    package var memoryPressure = MemoryPressure.none
    /// Lines written to the access log, and lines that are missing there, by reason (`buffer`, `rate`, `write`).
    package var accessLogLines: UInt64 = 0
    package var accessLogDropped: [String: UInt64] = [:]

    package init() {}
}
