/// What a run of probes says about one backend under one check: a pure state machine, told what happened.
struct HealthJudgement: Sendable, Hashable {
    private(set) var isHealthy = true
    private(set) var failuresInARow = 0
    /// Of the newest failure; `nil` after a success.
    private(set) var lastError: String?

    /// One success is enough to come back.
    mutating func succeeded() {
        isHealthy = true
        failuresInARow = 0
        lastError = nil
    }

    /// - Parameter unhealthyAfter: failures in a row that condemn; 1 or more.
    mutating func failed(_ error: String, unhealthyAfter: Int) {
        failuresInARow += 1
        lastError = error
        if failuresInARow >= unhealthyAfter { isHealthy = false }
    }
}

/// Whether a backend is kept out because the loops could not connect to it, and when it is tried again.
struct PassiveEjection: Sendable, Hashable {
    /// Connects that must fail in a row.
    static let threshold = 3
    private static let firstWaitMilliseconds = 250
    private static let longestWaitMilliseconds = 5000
    /// A backend that was in again for less than this goes on with the longer waits of before.
    private static let probationMilliseconds = 10_000

    private(set) var isEjected = false
    private(set) var lastError: String?
    private var waitMilliseconds = PassiveEjection.firstWaitMilliseconds
    private var returned: MonotonicTime?

    /// - Returns: how long to wait, in milliseconds, before the first probe.
    mutating func eject(_ error: String, now: MonotonicTime) -> Int {
        if let returned, now < returned.advanced(milliseconds: Self.probationMilliseconds) {
            lengthen()
        } else {
            waitMilliseconds = Self.firstWaitMilliseconds
        }
        isEjected = true
        lastError = error
        return waitMilliseconds
    }

    /// - Returns: how long to wait, in milliseconds, before the next probe.
    mutating func probeFailed(_ error: String) -> Int {
        lastError = error
        lengthen()
        return waitMilliseconds
    }

    mutating func comeBack(now: MonotonicTime) {
        isEjected = false
        lastError = nil
        returned = now
    }

    private mutating func lengthen() {
        waitMilliseconds = min(Self.longestWaitMilliseconds, waitMilliseconds * 2)
    }
}
