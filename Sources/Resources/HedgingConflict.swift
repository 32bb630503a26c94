/// Why a retry policy's `hedgeAfter` could never come to anything.
package struct HedgingConflict: Sendable, Hashable {
    /// The field that is in the way: `attempts`, `budget` or `perTryTimeout` of the policy, or the endpoint's `timeout`.
    package let field: String
    /// One sentence without a full stop.
    package let problem: String
    /// What would be right.
    package let expected: String
}

extension RetryPolicy {
    /// What stands in the way of `hedgeAfter`; `nil` where nothing does, or where it is absent.
    ///
    /// - Parameter timeout: The endpoint's; `nil` where it is not known.
    package func hedgingConflict(timeout: Interval?) -> HedgingConflict? {
        guard let hedgeAfter else { return nil }
        if attempts < 1 {
            return HedgingConflict(
                field: "attempts", problem: "'hedgeAfter' needs 'attempts' of 1 or more, and it is 0",
                expected: "attempts of 1 or more, or no hedgeAfter")
        }
        if budget == .zero {
            return HedgingConflict(
                field: "budget", problem: "'hedgeAfter' needs a 'budget' above 0, and it is 0",
                expected: "a budget above 0, or no hedgeAfter")
        }
        if let perTryTimeout, hedgeAfter >= perTryTimeout {
            return HedgingConflict(
                field: "perTryTimeout",
                problem: "'hedgeAfter' is \(hedgeAfter), and 'perTryTimeout' gives a sending up after \(perTryTimeout)",
                expected: "a length of time below \(perTryTimeout)")
        }
        if let timeout, hedgeAfter >= timeout {
            return HedgingConflict(
                field: "timeout", problem: "'hedgeAfter' is \(hedgeAfter), and the endpoint's 'timeout' is \(timeout)",
                expected: "a length of time below \(timeout)")
        }
        return nil
    }
}
