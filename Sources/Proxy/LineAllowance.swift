/// How many lines may still be written: so many a second, those of one second at once. Time is whoever calls's.
struct LineAllowance: Sendable {
    private let perSecond: UInt64
    /// In billionths of a line.
    private var left: UInt64
    private var asOf: UInt64

    private static let line: UInt64 = 1_000_000_000

    /// - Parameters:
    ///   - perSecond: 1 to 1,000,000.
    ///   - now: nanoseconds on any clock that does not go back.
    init(perSecond: Int, now: UInt64) {
        self.perSecond = UInt64(max(perSecond, 1))
        left = self.perSecond * Self.line
        asOf = now
    }

    /// - Returns: whether one more may be written.
    mutating func take(now: UInt64) -> Bool {
        if now > asOf {
            // More than a second's worth is never saved up.
            let passed = min(now - asOf, Self.line)
            left = min(left + passed * perSecond, perSecond * Self.line)
            asOf = now
        }
        guard left >= Self.line else { return false }
        left -= Self.line
        return true
    }
}
