import Glibc
package import Resources

/// What the proxy knows about one backend of the tables it holds, as one way of checking judges it.
package struct BackendStatus: Sendable, Hashable {
    package let checked: CheckedBackend
    /// Whether requests are sent there, as far as health goes; a name without an address gets none either way.
    package var isHealthy: Bool
    /// When `isHealthy` last changed, or when the backend was first seen.
    package var since: Timestamp
    /// What is wrong, even if it does not condemn the backend yet; `nil` when nothing is.
    package var lastError: String?
    /// Where connections go, in turn; empty until the name is resolved.
    package var addresses: [SocketAddress]
    /// Whether its name was asked for at least once, with whatever result; true for addresses.
    package var isResolved: Bool
    /// Whether its latest requests failed, so that others of a variant get them, unless most of those are outliers too.
    package var isOutlier: Bool
    /// How often it became an outlier since it was first seen.
    package var ejections: UInt64

    package init(
        checked: CheckedBackend, isHealthy: Bool, since: Timestamp, lastError: String?, addresses: [SocketAddress],
        isResolved: Bool, isOutlier: Bool = false, ejections: UInt64 = 0
    ) {
        self.checked = checked
        self.isHealthy = isHealthy
        self.since = since
        self.lastError = lastError
        self.addresses = addresses
        self.isResolved = isResolved
        self.isOutlier = isOutlier
        self.ejections = ejections
    }

    /// Whether requests can go there.
    package var isReady: Bool { isHealthy && !addresses.isEmpty }
}

extension Timestamp {
    /// The system's clock, which may jump: for people to read, never to wait by.
    static func wallClock() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
