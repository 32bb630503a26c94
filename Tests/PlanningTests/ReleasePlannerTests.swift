import Planning
import Resources
import Splitting
import Testing

@Suite struct ReleasePlannerTests {
    private typealias Fixture = PlanningFixture

    @Test(
        "Through any history every revision partitions the buckets by its shares, and each change moves the least",
        arguments: 0..<20)
    func randomHistory(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        var head: EndpointHead?
        var live: [Revision] = []
        for release in 1...60 {
            guard let planned = try Self.step(head, live, &random) else { continue }
            for draft in planned.draft.endpoints {
                guard let revision = draft.revision else { continue }
                #expect(BucketMap.isPartition(revision.ranges))
                for variant in revision.content.spec.variants {
                    let owned = revision.ranges[variant.name, default: []].reduce(0) { $0 + $1.count }
                    #expect(owned == variant.traffic.buckets)
                }
                #expect(revision.number == (head?.latestRevision ?? 0) + 1)
                if let restored = revision.restores.flatMap({ number in live.first { $0.number == number } }) {
                    #expect(revision.ranges == restored.ranges)
                } else if let change = planned.changes.first, change.action == .update, let before = head?.active {
                    #expect(Self.moved(change) == Self.least(before.content, revision.content))
                }
            }
            let former = head?.latestRevision
            head = Fixture.head(after: planned, on: head, release: release)
            if let active = head?.active, head?.latestRevision != former, active.number == head?.latestRevision {
                live.append(active)
            }
            #expect(head?.waiting == nil || head?.hold != nil, "nothing waits without a hold")
        }
        #expect(live.count > 5)
    }

    private static func step(
        _ head: EndpointHead?, _ live: [Revision], _ random: inout SplitMix
    ) throws -> PlannedRelease? {
        let planner = Fixture.planner(random.below(2) == 0 ? "alice" : "bob")
        guard let head else { return try planner.apply([Fixture.endpoint(random.shares(3))], heads: [:]) }
        do {
            switch random.below(5) {
            case 0:
                return try planner.promote(
                    head, variant: head.active.content.spec.variants[0].name,
                    to: Share(buckets: random.below(10_001)) ?? .zero, until: nil, takesOver: random.below(2) == 0)
            case 1:
                return try planner.rollback(
                    head, to: live[random.below(live.count)], until: nil, takesOver: true)
            case 2: return try planner.resume(head)
            default:
                return try planner.apply(
                    [Fixture.endpoint(random.shares(1 + random.below(4)))], heads: [Fixture.fraud: head])
            }
        } catch {
            #expect(error.code == .conflict || error.code == .invalid)
            return nil
        }
    }

    private static func moved(_ change: EndpointChange) -> Int { change.moves.reduce(0) { $0 + $1.share.buckets } }

    /// Σ max(0, old − new)
    private static func least(_ old: Endpoint, _ new: Endpoint) -> Int {
        let now = Dictionary(new.spec.variants.map { ($0.name, $0.traffic.buckets) }, uniquingKeysWith: { a, _ in a })
        return old.spec.variants.reduce(0) { $0 + max(0, $1.traffic.buckets - now[$1.name, default: 0]) }
    }

    @Test(
        "A promotion's remainder sums to 100 % and no other share is off its proportion by a bucket or more",
        arguments: 0..<50)
    func remainder(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        let shares = random.shares(4)
        let created = try Fixture.planner().apply([Fixture.endpoint(shares)], heads: [:])
        let head = try #require(Fixture.head(after: created, on: nil, release: 1))
        let wanted = random.below(10_001)
        let rest = shares[1...].reduce(0, +)
        guard rest > 0 else { return }
        let planned = try Fixture.planner().promote(
            head, variant: Fixture.names[0], to: try #require(Share(buckets: wanted)), until: nil, takesOver: false)
        let after = try #require(planned.changes.first).after.map(\.traffic.buckets)
        #expect(after[0] == wanted)
        #expect(after.reduce(0, +) == 10_000)
        for index in 1..<4 {
            let exact = Double((10_000 - wanted) * shares[index]) / Double(rest)
            #expect(abs(Double(after[index]) - exact) < 1)
        }
    }

    @Test("The same input gives the same decision")
    func deterministic() throws {
        let created = try Fixture.planner().apply([Fixture.endpoint([9000, 1000])], heads: [:])
        let head = try #require(Fixture.head(after: created, on: nil, release: 1))
        let again = [Fixture.endpoint([5000, 5000])]
        let first = try Fixture.planner().apply(again, heads: [Fixture.fraud: head])
        #expect(try Fixture.planner().apply(again, heads: [Fixture.fraud: head]) == first)
    }

    @Test("A hold has force until its limit and not a moment longer")
    func limit() throws {
        let created = try Fixture.planner().apply([Fixture.endpoint([9000, 1000])], heads: [:])
        var head = try #require(Fixture.head(after: created, on: nil, release: 1))
        let until = Fixture.now.advanced(by: .seconds(60))
        let promoted = try Fixture.planner().promote(
            head, variant: Fixture.names[1], to: .all, until: until, takesOver: false)
        head = try #require(Fixture.head(after: promoted, on: head, release: 2))
        let wanted = [Fixture.endpoint([8000, 2000])]
        let before = until.advanced(by: .microseconds(-1))
        let held = try Fixture.planner(at: before).apply(wanted, heads: [Fixture.fraud: head])
        #expect(held.changes.map(\.action) == [.hold])
        #expect(try Fixture.planner(at: before).expire(head) == nil)
        let free = try Fixture.planner(at: until).apply(wanted, heads: [Fixture.fraud: head])
        #expect(free.changes.map(\.action) == [.update])
        #expect(free.draft.endpoints.first?.endsHold == .expired)
        #expect(try Fixture.planner(at: until).expire(head)?.draft.endpoints.first?.revision?.number == 3)
    }

    @Test("Two endpoints that claim a host are both named, once a host")
    func hosts() {
        var one = Fixture.endpoint([10_000])
        one.spec.hosts = ["a.example", "b.example"]
        let disputes = HostClaims.disputes(
            [one], owners: ["a.example": EndpointName(unchecked: "other"), "z.example": EndpointName(unchecked: "z")])
        #expect(
            disputes.map(\.description) == [
                "The host 'a.example' is claimed by 'fraud' and 'other': a host belongs to one endpoint."
            ]
        )
    }
}
