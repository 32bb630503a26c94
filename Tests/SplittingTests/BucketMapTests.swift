import Foundation
import Resources
import Splitting
import Testing

@Suite("A bucket map")
struct BucketMapTests {
    @Test("moves exactly the buckets that the reference moves")
    func agreesWithVectors() throws {
        let vectors = try BucketingVectors.load().vectors.filter { $0.expected.plan != nil }
        #expect(vectors.count >= 5)
        for vector in vectors {
            var map = BucketMap()
            for (shares, step) in zip(vector.inputs.steps ?? [], vector.expected.plan ?? []) {
                let next = try map.reallocated(to: Self.shares(shares))
                let moved = BucketMap.moves(from: map.ranges, to: next.ranges).reduce(0) { $0 + $1.buckets }
                #expect(moved == step.movedBuckets, "\(vector.id)")
                #expect(Self.segments(next) == step.segments, "\(vector.id)")
                map = next
            }
        }
    }

    @Test("moves the least possible, whatever the shares", arguments: 0..<20)
    func movesTheLeast(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        var map = BucketMap()
        var old: [VariantName: Share] = [:]
        for _ in 0..<15 {
            let new = Self.randomShares(using: &random)
            let next = try map.reallocated(to: new)
            #expect(BucketMap.isPartition(next.ranges))
            for (variant, share) in new {
                #expect((next.ranges[variant] ?? []).reduce(0) { $0 + $1.count } == share.buckets)
            }
            let moved = BucketMap.moves(from: map.ranges, to: next.ranges).reduce(0) { $0 + $1.buckets }
            let least = old.reduce(0) { $0 + max(0, $1.value.buckets - (new[$1.key]?.buckets ?? 0)) }
            #expect(moved == least)
            (map, old) = (next, new)
        }
    }

    @Test("is the identical one again after a step back", arguments: 0..<20)
    func stepsBack(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed) &+ 1000)
        var map = BucketMap()
        var shares = Self.randomShares(using: &random)
        map = try map.reallocated(to: shares)
        for _ in 0..<10 {
            let there = Self.randomShares(using: &random)
            let back = try map.reallocated(to: there).reallocated(to: shares)
            #expect(back.ranges == map.ranges)
            map = try back.reallocated(to: there)
            shares = there
        }
    }

    @Test("never takes a user away from a growing variant while a ramp goes up, nor gives one back before it goes down")
    func rampsMonotonously() throws {
        let ramp = [100, 500, 1000, 2500, 5000, 10_000]
        var map = try BucketMap().reallocated(to: Self.shares(["champion": 10_000]))
        var maps = [map]
        for challenger in ramp {
            let next = try map.reallocated(
                to: Self.shares(["champion": 10_000 - challenger, "challenger": challenger]))
            let moves = BucketMap.moves(from: map.ranges, to: next.ranges)
            #expect(moves.allSatisfy { $0.to.rawValue == "challenger" })
            maps.append(next)
            map = next
        }
        for (challenger, earlier) in zip(ramp.dropLast().reversed(), maps.dropLast().reversed()) {
            map = try map.reallocated(to: Self.shares(["champion": 10_000 - challenger, "challenger": challenger]))
            #expect(map.ranges == earlier.ranges)
        }
    }

    @Test("restores the ranges of an older revision exactly, and goes on from there with least movement")
    func restores() throws {
        var random = SplitMix(state: 7)
        let old = try BucketMap().reallocated(to: Self.randomShares(using: &random))
        var map = old
        for _ in 0..<6 { map = try map.reallocated(to: Self.randomShares(using: &random)) }
        let restored = try map.restored(to: old.ranges)
        #expect(restored.ranges == old.ranges)
        #expect(throws: TurnoutError.self) { try map.restored(to: [:]) }
    }

    @Test("survives being stored and read")
    func survivesStorage() throws {
        var random = SplitMix(state: 3)
        var map = BucketMap()
        for _ in 0..<8 { map = try map.reallocated(to: Self.randomShares(using: &random)) }
        let read = try JSONDecoder().decode(BucketMap.self, from: JSONEncoder().encode(map))
        #expect(read == map)
    }

    @Test("refuses shares that don't sum to 100 %, never normalising them")
    func refusesOtherSums() {
        #expect(throws: TurnoutError.self) { try BucketMap().reallocated(to: Self.shares(["a": 6500])) }
    }

    @Test("finds the owner of every bucket that its ranges name")
    func findsOwners() throws {
        var random = SplitMix(state: 11)
        let map = try BucketMap().reallocated(to: Self.randomShares(using: &random))
            .reallocated(to: Self.randomShares(using: &random))
        for (variant, ranges) in map.ranges {
            for range in ranges {
                #expect(map.owner(of: range.lower) == variant)
                #expect(map.owner(of: range.upper - 1) == variant)
            }
        }
    }

    private static func shares(_ buckets: [String: Int]) throws -> [VariantName: Share] {
        var result: [VariantName: Share] = [:]
        for (name, count) in buckets {
            result[try VariantName(validating: name)] = Share(buckets: count)
        }
        return result
    }

    private static func segments(_ map: BucketMap) -> [BucketingVectors.Segment] {
        map.ranges.flatMap { variant, ranges in
            ranges.map { .init(lower: $0.lower, upper: $0.upper, variant: variant.rawValue) }
        }.sorted { $0.lower < $1.lower }
    }

    private static func randomShares(using random: inout SplitMix) -> [VariantName: Share] {
        let names = ["a", "b", "c", "d", "e"].shuffled(using: &random).prefix(Int.random(in: 1...5, using: &random))
        var rest = BucketRange.bucketCount
        var result: [VariantName: Share] = [:]
        for (index, name) in names.enumerated() {
            let count = index == names.count - 1 ? rest : Int.random(in: 0...rest, using: &random)
            rest -= count
            result[VariantName(unchecked: name)] = Share(buckets: count)
        }
        return result
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same "random" cases in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
