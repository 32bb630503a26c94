/// When a backend whose requests fail is left out, and for how long.
package struct OutlierRules: Sendable, Hashable {
    /// Requests that must fail in a row, over all threads.
    package var failures = 5
    /// How long it is left out the first time; each time after that twice as long.
    package var firstTime = Duration.seconds(5)
    package var longestTime = Duration.seconds(60)
    /// A backend that was in again for this long begins with `firstTime` once more.
    package var probation = Duration.seconds(60)

    package init() {}
}

/// Whether a backend is left out because requests that were sent there failed in a row: a pure state machine, told what
/// happened. Its connections may be well, so no probe can tell when it is better: time decides.
struct OutlierEjection: Sendable, Hashable {
    private(set) var isEjected = false
    /// How often it was left out.
    private(set) var count: UInt64 = 0
    private var waitMilliseconds = 0
    private var returned: MonotonicTime?

    /// - Returns: how long to wait, in milliseconds, before it comes back.
    mutating func eject(_ rules: OutlierRules, now: MonotonicTime) -> Int {
        let first = Self.milliseconds(rules.firstTime)
        if let returned, now < returned.advanced(milliseconds: Self.milliseconds(rules.probation)) {
            waitMilliseconds = min(Self.milliseconds(rules.longestTime), waitMilliseconds * 2)
        } else {
            waitMilliseconds = first
        }
        isEjected = true
        count += 1
        return waitMilliseconds
    }

    mutating func comeBack(now: MonotonicTime) {
        isEjected = false
        returned = now
    }

    private static func milliseconds(_ duration: Duration) -> Int { Int(duration / .milliseconds(1)) }
}
