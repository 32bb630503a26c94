import Resources

/// A `BucketMap` in the middle of a change: some buckets are free, and the change has a step number.
///
/// Works on runs, not on single buckets, so its cost follows the fragments of a map and not its 10,000 buckets.
struct BucketTable {
    typealias Run = BucketMap.Holding

    private let step: Int
    private var owned: [VariantName: [Run]]
    private var lost: [VariantName: [Run]]
    private var free: [BucketRange]

    init(_ map: BucketMap) {
        step = map.step + 1
        owned = Dictionary(grouping: map.owned, by: \.variant)
        lost = Dictionary(grouping: map.lost, by: \.variant)
        free = map.isEmpty ? BucketRange(0, BucketRange.bucketCount).map { [$0] } ?? [] : []
    }

    mutating func reallocate(to shares: [VariantName: Share]) {
        var missing: [(variant: VariantName, count: Int)] = []
        for variant in Set(owned.keys).union(shares.keys).sorted() {
            let wanted = shares[variant]?.buckets ?? 0
            let held = (owned[variant] ?? []).reduce(0) { $0 + $1.range.count }
            if held > wanted { giveUp(held - wanted, by: variant) }
            if held < wanted { missing.append((variant, wanted - held)) }
        }
        // Everyone takes back their own before anyone takes what is merely free: otherwise the first in name order
        // could take what another is about to want back, and a step back would not restore the map.
        let rest = missing.map { (variant: $0.variant, count: $0.count - takeBack($0.count, by: $0.variant)) }
        for (variant, count) in rest { takeLowest(count, by: variant) }
    }

    mutating func restore(_ ranges: [VariantName: [BucketRange]]) {
        for variant in owned.keys.sorted() {
            let kept = ranges[variant] ?? []
            for run in owned[variant] ?? [] {
                for range in run.range.subtracting(kept) { release(range, by: variant) }
            }
        }
        for variant in ranges.keys.sorted() {
            for range in ranges[variant] ?? [] {
                for gained in free.compactMap({ $0.intersection(range) }) { assign(gained, to: variant) }
            }
        }
    }

    /// The last got first; of those got together, the highest first.
    private mutating func giveUp(_ count: Int, by variant: VariantName) {
        var left = count
        let order = (owned[variant] ?? []).sorted { ($0.step, $0.range.lower) > ($1.step, $1.range.lower) }
        for run in order where left > 0 {
            guard let range = run.range.highest(left) else { continue }
            release(range, by: variant)
            left -= range.count
        }
    }

    /// The latest loss first; of those lost together, the lowest first.
    ///
    /// - Returns: how many of the wanted buckets were free.
    private mutating func takeBack(_ wanted: Int, by variant: VariantName) -> Int {
        var taken = 0
        let order = (lost[variant] ?? []).sorted { ($1.step, $0.range.lower) < ($0.step, $1.range.lower) }
        for run in order {
            for candidate in free.compactMap({ $0.intersection(run.range) }) {
                guard let range = candidate.lowest(wanted - taken) else { return taken }
                assign(range, to: variant)
                taken += range.count
            }
        }
        return taken
    }

    private mutating func takeLowest(_ count: Int, by variant: VariantName) {
        var left = count
        for candidate in free {
            guard let range = candidate.lowest(left) else { return }
            assign(range, to: variant)
            left -= range.count
        }
    }

    private mutating func release(_ range: BucketRange, by variant: VariantName) {
        owned[variant] = Self.remove(range, from: owned[variant] ?? [])
        lost[variant, default: []].append(Run(variant: variant, range: range, step: step))
        free.append(range)
        free.sort()
    }

    private mutating func assign(_ range: BucketRange, to variant: VariantName) {
        free = free.flatMap { $0.subtracting([range]) }
        lost[variant] = Self.remove(range, from: lost[variant] ?? [])
        owned[variant, default: []].append(Run(variant: variant, range: range, step: step))
    }

    private static func remove(_ range: BucketRange, from runs: [Run]) -> [Run] {
        runs.flatMap { run in
            run.range.subtracting([range]).map { Run(variant: run.variant, range: $0, step: run.step) }
        }
    }

    var map: BucketMap {
        let owners = owned.filter { !$0.value.isEmpty }
        let former = lost.filter { owners[$0.key] == nil && !$0.value.isEmpty }.sorted { left, right in
            (-(left.value.map(\.step).max() ?? 0), left.key) < (-(right.value.map(\.step).max() ?? 0), right.key)
        }
        let forgotten = Set(former.dropFirst(BucketMap.rememberedVariants).map(\.key))
        let remembered = lost.filter { !forgotten.contains($0.key) }
        return BucketMap(
            step: step, owned: Self.joined(owners.values.flatMap(\.self)).sorted { $0.range < $1.range },
            lost: remembered.keys.sorted().flatMap { Self.joined(remembered[$0] ?? []) })
    }

    /// Neighbouring runs of the same variant and step become one, so that equal maps are equal values.
    private static func joined(_ runs: [Run]) -> [Run] {
        var result: [Run] = []
        for run in runs.sorted(by: { $0.range < $1.range }) {
            if let last = result.last, last.variant == run.variant, last.step == run.step,
                last.range.upper == run.range.lower, let range = BucketRange(last.range.lower, run.range.upper)
            {
                result[result.count - 1].range = range
            } else {
                result.append(run)
            }
        }
        return result
    }
}
