internal import Resources

/// Makes an endpoint's next state from the present one: the bookkeeping that all changes share.
struct EndpointStep {
    let head: EndpointHead

    /// A new revision that goes live.
    func live(
        _ content: Endpoint, _ buckets: EndpointBuckets, restores: Int? = nil, fromGit: Bool, endsHold: Hold.End?,
        makesHold: EndpointDraft.NewHold? = nil
    ) throws(TurnoutError) -> EndpointDraft {
        let number = head.latestRevision + 1
        let declared = fromGit ? content : head.declared.content
        let applied = fromGit ? content : head.applied.content
        return EndpointDraft(
            endpoint: head.name, isNew: false,
            revision: .init(
                number: number, active: true, restores: restores, content: content, ranges: buckets.ranges),
            latestRevision: number, activeRevision: number, appliedRevision: fromGit ? number : head.applied.number,
            waitingRevision: fromGit ? nil : head.waiting?.number, bucketMap: try buckets.stored(),
            hosts: Self.hosts([content, declared, applied]), endsHold: endsHold, makesHold: makesHold)
    }

    /// A new revision that waits for the hold.
    func waiting(_ content: Endpoint, _ buckets: EndpointBuckets) -> EndpointDraft {
        let number = head.latestRevision + 1
        return EndpointDraft(
            endpoint: head.name, isNew: false,
            revision: .init(
                number: number, active: false, restores: nil, content: content, ranges: buckets.ranges),
            latestRevision: number, activeRevision: head.active.number, appliedRevision: head.applied.number,
            waitingRevision: number, bucketMap: head.bucketMap,
            hosts: Self.hosts([head.active.content, head.applied.content, content]), endsHold: nil, makesHold: nil)
    }

    /// No new revision: only the hold changes. When it is released, what git says counts as applied.
    func holdOnly(endsHold: Hold.End?, makesHold: EndpointDraft.NewHold?) -> EndpointDraft {
        let isReleased = makesHold == nil
        let applied = isReleased ? head.declared : head.applied
        let waiting = isReleased ? nil : head.waiting
        return EndpointDraft(
            endpoint: head.name, isNew: false, revision: nil, latestRevision: head.latestRevision,
            activeRevision: head.active.number, appliedRevision: applied.number, waitingRevision: waiting?.number,
            bucketMap: head.bucketMap,
            hosts: Self.hosts([head.active.content, applied.content] + [waiting?.content].compactMap(\.self)),
            endsHold: endsHold, makesHold: makesHold)
    }

    /// The change as a caller sees it, against what is live now.
    func change(
        _ action: EndpointChange.Action, to content: Endpoint, _ buckets: EndpointBuckets, revision: Int?, held: Hold?
    ) -> EndpointChange {
        let before = head.active.content
        return EndpointChange(
            endpoint: head.name, action: action, fromRevision: head.active.number, toRevision: revision,
            before: before.summaries, after: content.summaries,
            moves: EndpointDifference.moves(from: before, head.active.ranges, to: content, buckets.ranges),
            fields: EndpointDifference.fields(from: before, to: content), held: held,
            warnings: EndpointDifference.warnings(from: before, to: content))
    }

    /// Nothing changes.
    func unchanged(held: Hold?) -> EndpointChange {
        EndpointChange(
            endpoint: head.name, action: .unchanged, fromRevision: head.active.number, toRevision: nil,
            before: head.active.content.summaries, after: head.active.content.summaries, moves: [], fields: [],
            held: held, warnings: [])
    }

    static func hosts(_ contents: [Endpoint]) -> [String] { Set(contents.flatMap(\.spec.hosts)).sorted() }
}
