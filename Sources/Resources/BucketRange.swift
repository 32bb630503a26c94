/// Consecutive buckets, `lower` included and `upper` not: `[0, 9000)`. On the wire `[0, 9000]`.
package struct BucketRange: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// All routing keys fall into this many equal slices.
    package static let bucketCount = 10_000

    package let lower: Int
    package let upper: Int

    /// - Returns: `nil` unless `0 ≤ lower < upper ≤ 10,000`.
    package init?(_ lower: Int, _ upper: Int) {
        guard lower >= 0, lower < upper, upper <= Self.bucketCount else { return nil }
        self.lower = lower
        self.upper = upper
    }

    package var count: Int { upper - lower }
    package func contains(_ bucket: Int) -> Bool { bucket >= lower && bucket < upper }
    package var description: String { "[\(lower), \(upper))" }

    package static func < (left: Self, right: Self) -> Bool { left.lower < right.lower }
}

extension BucketRange: Codable {
    package init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        let lower = try container.decode(Int.self)
        let upper = try container.decode(Int.self)
        guard let range = BucketRange(lower, upper), container.isAtEnd else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a bucket range: [\(lower), \(upper)]"))
        }
        self = range
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(lower)
        try container.encode(upper)
    }
}
