import Foundation
import Planning
import Resources

/// `fraud` with two or three variants, and heads as the store would read them.
enum PlanningFixture {
    static let fraud = EndpointName(unchecked: "fraud")
    static let now = Timestamp(parsing: "2026-11-01T10:00Z") ?? Timestamp(microseconds: 0)
    static let names = ["a", "b", "c", "d"].map { VariantName(unchecked: $0) }

    static func planner(_ actor: String = "alice", at moment: Timestamp = now) -> ReleasePlanner {
        ReleasePlanner(note: ReleaseNote(actor: actor, reason: "because"), now: moment)
    }

    /// - Parameter shares: buckets of `a`, `b`, `c`, ….
    static func endpoint(_ shares: [Int], timeout: Interval = .seconds(1)) -> Endpoint {
        Endpoint(
            name: fraud,
            spec: EndpointSpec(
                routingKey: RoutingKey(source: .header, name: "x-user-id"), timeout: timeout,
                variants: shares.enumerated().map { index, share in
                    Variant(
                        name: names[index],
                        model: .version(VersionReference(model: ModelName(unchecked: "fraud"), version: index + 1)),
                        traffic: Share(buckets: share) ?? .zero, backends: [Backend(host: "scorer", port: 80)])
                }))
    }

    /// What the store would read after it wrote a decision.
    static func head(after planned: PlannedRelease, on head: EndpointHead?, release: Int) -> EndpointHead? {
        guard let draft = planned.draft.endpoints.first else { return head }
        var known = Dictionary(
            [head?.active, head?.applied, head?.waiting].compactMap { $0 }.map { ($0.number, $0) },
            uniquingKeysWith: { first, _ in first })
        if let new = draft.revision {
            known[new.number] = Revision(
                endpoint: fraud, number: new.number, release: release, origin: planned.draft.origin,
                active: new.active, restores: new.restores, content: new.content, digest: "", ranges: new.ranges,
                actor: planned.draft.note.actor, reason: planned.draft.note.reason,
                commit: planned.draft.note.commit, createdAt: now)
        }
        guard let active = known[draft.activeRevision], let applied = known[draft.appliedRevision] else { return nil }
        var hold = draft.endsHold == nil ? head?.hold : nil
        if let made = draft.makesHold {
            hold = Hold(by: made.by, reason: made.reason, since: now, until: made.until, kind: made.kind)
        }
        return EndpointHead(
            name: fraud, latestRevision: draft.latestRevision, active: active, applied: applied,
            waiting: draft.waitingRevision.flatMap { known[$0] }, hold: hold, bucketMap: draft.bucketMap)
    }
}

/// A small generator whose seed makes a run repeatable.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    /// Shares of so many variants that sum to 10,000.
    mutating func shares(_ count: Int) -> [Int] {
        let cuts = (0..<(count - 1)).map { _ in below(10_001) }.sorted()
        return zip([0] + cuts, cuts + [10_000]).map { $1 - $0 }
    }
}
