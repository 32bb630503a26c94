/// How a proxy listens and what it puts up with. The defaults serve a team's scoring traffic as they are.
package struct ProxyConfiguration: Sendable, Hashable {
    /// An IPv4 or IPv6 address; names are not resolved.
    package var host = "127.0.0.1"
    /// 0: any free one, see `Proxy.boundPort`.
    package var port: UInt16 = 8800
    /// Event loops, each with a thread, a listener and connections of its own; 1 to 1024.
    package var threads = 1

    /// Client connections over all threads; further ones are answered 503 and closed.
    package var maximumConnections = 20_000
    /// Bytes of memory that the process may hold, pages of files left out; absent: no limit. Near it connections close after
    /// their answers, and then new requests are answered 503 (`MemoryPressure`).
    package var memoryLimit: Int?
    /// A request's line and headers, and an answer's; 256 to 32,768 bytes. Larger requests are answered 431.
    package var maximumHeadBytes = 16_384
    /// A request's body; absent: no limit. Larger ones are answered 413.
    package var maximumBodyBytes: Int?

    /// From a head's first byte to its last, 408 otherwise.
    package var headerTimeout = Duration.seconds(10)
    /// A client connection without a request.
    package var clientIdleTimeout = Duration.seconds(75)
    /// The same once the proxy ends: the request that comes in time is answered, with `connection: close`.
    package var drainIdleTimeout = Duration.seconds(5)
    /// A backend connection kept for reuse.
    package var backendIdleTimeout = Duration.seconds(60)
    package var connectTimeout = Duration.seconds(1)
    /// Kept connections to one backend, for each thread.
    package var maximumIdlePerBackend = 1024
    /// How long a backend that is new, or has come back, gets less than its part of the requests.
    package var slowStart = Duration.seconds(10)

    /// A request that takes as long is slow: it is counted, and remembered with its trace.
    package var slowRequest = Duration.milliseconds(100)
    /// Slow requests remembered; older ones are forgotten.
    package var slowRequestsKept = 256
    package var accessLog: AccessLogConfiguration?

    package init() {}
}
