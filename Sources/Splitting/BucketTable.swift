import Resources

/// A `BucketMap` spelt out bucket by bucket, for the time of one change.
struct BucketTable {
    private var step: Int
    private var owner: [VariantName?]
    private var since: [Int]
    /// For each variant that ever lost a bucket: the step of its last loss, by bucket; 0 where it lost none.
    private var losses: [VariantName: [Int]]

    init(_ map: BucketMap) {
        step = map.step
        owner = Array(repeating: nil, count: BucketRange.bucketCount)
        since = Array(repeating: 0, count: BucketRange.bucketCount)
        losses = [:]
        for holding in map.owned {
            for bucket in holding.range.lower..<holding.range.upper {
                owner[bucket] = holding.variant
                since[bucket] = holding.step
            }
        }
        for holding in map.lost {
            for bucket in holding.range.lower..<holding.range.upper {
                losses[holding.variant, default: Self.noLosses][bucket] = holding.step
            }
        }
    }

    private static let noLosses = Array(repeating: 0, count: BucketRange.bucketCount)

    static func owners(_ ranges: [VariantName: [BucketRange]]) -> [VariantName?] {
        var owners: [VariantName?] = Array(repeating: nil, count: BucketRange.bucketCount)
        for (variant, ranges) in ranges {
            for range in ranges {
                for bucket in range.lower..<range.upper { owners[bucket] = variant }
            }
        }
        return owners
    }

    mutating func reallocate(to shares: [VariantName: Share]) {
        step += 1
        var held: [VariantName: [Int]] = [:]
        for bucket in owner.indices {
            if let variant = owner[bucket] { held[variant, default: []].append(bucket) }
        }
        for variant in held.keys.sorted() {
            let excess = held[variant, default: []].count - (shares[variant]?.buckets ?? 0)
            if excess > 0 { giveUp(excess, of: held[variant, default: []], by: variant) }
        }
        let growing = shares.keys.sorted().map { variant in
            (variant: variant, missing: (shares[variant]?.buckets ?? 0) - held[variant, default: []].count)
        }.filter { $0.missing > 0 }
        // Everyone takes back their own before anyone takes what is merely free: otherwise the first in name order
        // could take what another is about to want back, and a step back would not restore the map.
        let stillMissing = growing.map {
            (variant: $0.variant, missing: $0.missing - takeBack($0.missing, by: $0.variant))
        }
        var free = owner.indices.filter { owner[$0] == nil }[...]
        for (variant, missing) in stillMissing {
            for bucket in free.prefix(missing) { assign(bucket, to: variant) }
            free = free.dropFirst(missing)
        }
    }

    mutating func restore(_ ranges: [VariantName: [BucketRange]]) {
        step += 1
        for (bucket, new) in Self.owners(ranges).enumerated() where owner[bucket] != new {
            if owner[bucket] != nil { release(bucket) }
            if let new { assign(bucket, to: new) }
        }
    }

    /// The last got first; of those got together, the highest first.
    private mutating func giveUp(_ count: Int, of buckets: [Int], by variant: VariantName) {
        let order = buckets.sorted { (since[$0], $0) > (since[$1], $1) }
        for bucket in order.prefix(count) { release(bucket) }
    }

    /// - Returns: how many of the wanted buckets were there to be taken back.
    private mutating func takeBack(_ wanted: Int, by variant: VariantName) -> Int {
        guard let lost = losses[variant] else { return 0 }
        let candidates = owner.indices.filter { owner[$0] == nil && lost[$0] > 0 }
        let order = candidates.sorted { (lost[$1], $0) < (lost[$0], $1) }
        for bucket in order.prefix(wanted) { assign(bucket, to: variant) }
        return min(wanted, order.count)
    }

    private mutating func release(_ bucket: Int) {
        guard let variant = owner[bucket] else { return }
        losses[variant, default: Self.noLosses][bucket] = step
        owner[bucket] = nil
    }

    private mutating func assign(_ bucket: Int, to variant: VariantName) {
        owner[bucket] = variant
        since[bucket] = step
        losses[variant]?[bucket] = 0
    }

    var map: BucketMap {
        let owned = Self.runs(count: owner.count) { bucket in owner[bucket].map { ($0, since[bucket]) } }
        let owners = Set(owner.compactMap(\.self))
        let remembered = losses.sorted { left, right in
            (owners.contains(left.key) ? 0 : 1, -(left.value.max() ?? 0), left.key)
                < (owners.contains(right.key) ? 0 : 1, -(right.value.max() ?? 0), right.key)
        }.prefix(BucketMap.rememberedVariants)
        let lost = remembered.sorted { $0.key < $1.key }.flatMap { variant, steps in
            Self.runs(count: steps.count) { steps[$0] > 0 ? (variant, steps[$0]) : nil }
        }
        return BucketMap(step: step, owned: owned, lost: lost)
    }

    private static func runs(count: Int, _ value: (Int) -> (VariantName, Int)?) -> [BucketMap.Holding] {
        var result: [BucketMap.Holding] = []
        var start = 0
        while start < count {
            guard let (variant, step) = value(start) else {
                start += 1
                continue
            }
            var end = start + 1
            while end < count, let next = value(end), next == (variant, step) { end += 1 }
            if let range = BucketRange(start, end) {
                result.append(BucketMap.Holding(variant: variant, range: range, step: step))
            }
            start = end
        }
        return result
    }
}
