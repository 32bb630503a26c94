import Resources

extension BucketRange {
    func intersection(_ other: BucketRange) -> BucketRange? {
        BucketRange(max(lower, other.lower), min(upper, other.upper))
    }

    /// What is left of this range, in bucket order.
    func subtracting(_ others: [BucketRange]) -> [BucketRange] {
        var result: [BucketRange] = []
        var next = lower
        for other in others.sorted() where other.upper > next && other.lower < upper {
            if let part = BucketRange(next, other.lower) { result.append(part) }
            next = max(next, other.upper)
        }
        if let part = BucketRange(next, upper) { result.append(part) }
        return result
    }

    /// At most `count` buckets from the low end; `nil` when none are wanted.
    func lowest(_ count: Int) -> BucketRange? { BucketRange(lower, min(upper, lower + count)) }

    /// At most `count` buckets from the high end; `nil` when none are wanted.
    func highest(_ count: Int) -> BucketRange? { BucketRange(max(lower, upper - count), upper) }
}
