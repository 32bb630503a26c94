package import Resources

/// Who owns each of the 10,000 buckets of an endpoint, since when, and who owned it before.
///
/// Pure: the same map and shares give the same new map everywhere. The memory of former owners is what lets a ramp
/// that steps back restore the identical map, so it is stored with the endpoint.
package struct BucketMap: Sendable, Hashable {
    /// Consecutive buckets that one variant got in the same step.
    struct Holding: Sendable, Hashable {
        var variant: VariantName
        var range: BucketRange
        var step: Int
    }

    /// Counts the changes so far; 0 before the first split.
    private(set) var step: Int
    /// In bucket order; a partition of all buckets, or empty before the first split.
    private(set) var owned: [Holding]
    /// The buckets each variant once lost, with the step in which it last did; by name, then in bucket order.
    private(set) var lost: [Holding]

    /// Variants that own nothing any more are remembered up to this many, the last to lose a bucket first, so that
    /// an endpoint with ever new variant names does not grow for ever.
    static let rememberedVariants = 64

    package init() {
        self.step = 0
        self.owned = []
        self.lost = []
    }

    init(step: Int, owned: [Holding], lost: [Holding]) {
        self.step = step
        self.owned = owned
        self.lost = lost
    }

    package var isEmpty: Bool { owned.isEmpty }

    /// The ranges that each owning variant holds, in bucket order, neighbours joined.
    package var ranges: [VariantName: [BucketRange]] {
        var result: [VariantName: [BucketRange]] = [:]
        for holding in owned {
            if let last = result[holding.variant]?.last, last.upper == holding.range.lower,
                let joined = BucketRange(last.lower, holding.range.upper)
            {
                result[holding.variant]?.removeLast()
                result[holding.variant]?.append(joined)
            } else {
                result[holding.variant, default: []].append(holding.range)
            }
        }
        return result
    }

    package func owner(of bucket: Int) -> VariantName? {
        var lower = 0
        var upper = owned.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if owned[middle].range.upper <= bucket { lower = middle + 1 } else { upper = middle }
        }
        return lower < owned.count && owned[lower].range.contains(bucket) ? owned[lower].variant : nil
    }

    /// The map after the shares changed, with the least movement possible: exactly Σ max(0, old − new) buckets.
    ///
    /// A shrinking variant gives up the buckets that it got last (ties: the highest). A growing one takes back what
    /// it lost, the latest loss first; what is left over goes to the growing ones in name order, the lowest first.
    ///
    /// - Throws: `TurnoutError` with code `invalid` when the shares don't sum to 100 %.
    package func reallocated(to shares: [VariantName: Share]) throws(TurnoutError) -> BucketMap {
        let total = shares.values.reduce(0) { $0 + $1.buckets }
        guard total == BucketRange.bucketCount else {
            throw TurnoutError(.invalid, "The shares sum to \(Double(total) / 100) %, expected exactly 100 %.")
        }
        var table = BucketTable(self)
        table.reallocate(to: shares)
        return table.map
    }

    /// The map in which each variant holds exactly these ranges: those of an older revision, say.
    ///
    /// - Throws: `TurnoutError` with code `invalid` when the ranges don't partition all buckets.
    package func restored(to ranges: [VariantName: [BucketRange]]) throws(TurnoutError) -> BucketMap {
        guard Self.isPartition(ranges) else {
            throw TurnoutError(.invalid, "The bucket ranges don't cover every bucket exactly once.")
        }
        var table = BucketTable(self)
        table.restore(ranges)
        return table.map
    }

    package static func isPartition(_ ranges: [VariantName: [BucketRange]]) -> Bool {
        var next = 0
        for range in ranges.values.flatMap(\.self).sorted() {
            guard range.lower == next else { return false }
            next = range.upper
        }
        return next == BucketRange.bucketCount
    }
}

/// Buckets on their way from one variant to another.
package struct BucketMove: Sendable, Hashable {
    package let from: VariantName
    package let to: VariantName
    package let buckets: Int
}

extension BucketMap {
    /// Which variants lose how many buckets to which, by name of the losing, then of the gaining one. Both arguments
    /// must partition the buckets; where `old` has no owner nothing moves.
    package static func moves(
        from old: [VariantName: [BucketRange]], to new: [VariantName: [BucketRange]]
    ) -> [BucketMove] {
        struct Edge: Hashable, Comparable {
            let from: VariantName
            let to: VariantName
            static func < (left: Edge, right: Edge) -> Bool { (left.from, left.to) < (right.from, right.to) }
        }
        var counts: [Edge: Int] = [:]
        for (from, lost) in old {
            for (to, gained) in new where from != to {
                let count = lost.reduce(0) { $0 + gained.compactMap($1.intersection).reduce(0) { $0 + $1.count } }
                if count > 0 { counts[Edge(from: from, to: to)] = count }
            }
        }
        return counts.sorted { $0.key < $1.key }.map { BucketMove(from: $0.key.from, to: $0.key.to, buckets: $0.value) }
    }
}
