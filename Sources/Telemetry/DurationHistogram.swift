/// How long things took, counted in fixed buckets.
package struct DurationHistogram: Sendable, Hashable {
    /// Upper bounds in seconds; what took longer falls into a last bucket without one.
    package static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    package private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    package private(set) var sumSeconds = 0.0

    package init() {}

    package mutating func record(_ duration: Duration) {
        let (whole, attoseconds) = duration.components
        let seconds = Double(whole) + Double(attoseconds) * 1e-18
        counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        sumSeconds += seconds
    }
}
