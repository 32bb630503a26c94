internal import Resources

/// Makes an endpoint's next state from the present one: the bookkeeping that all changes share.
struct EndpointStep {
    let head: EndpointHead
    /// Whose files declare it from now on.
    let source: String?

    /// - Parameter source: of the files that are applied; `nil` leaves it as it is.
    init(head: EndpointHead, source: String? = nil) {
        self.head = head
        self.source = source ?? head.source
    }

    /// A new revision that goes live.
    func live(
        _ content: Endpoint, _ buckets: EndpointBuckets, restores: Int? = nil, fromGit: Bool, endsHold: Hold.End?,
        makesHold: EndpointDraft.NewHold? = nil
    ) throws(TurnoutError) -> EndpointDraft {
        let number = head.latestRevision + 1
        let live = EndpointDraft.NewRevision(
            number: number, active: true, restores: restores, content: content, ranges: buckets.ranges)
        let declared = fromGit ? [] : [head.declared, head.applied]
        return EndpointDraft(
            endpoint: head.name, isNew: false, source: source, revision: live, latestRevision: number,
            activeRevision: number, appliedRevision: fromGit ? number : head.applied.number,
            waitingRevision: fromGit ? nil : head.waiting?.number, bucketMap: try buckets.stored(),
            hosts: Self.hosts([content], declared), endsHold: endsHold, makesHold: makesHold)
    }

    /// A new revision that says that the endpoint is gone.
    func removal(endsHold: Hold.End?) -> EndpointDraft {
        let number = head.latestRevision + 1
        return EndpointDraft(
            endpoint: head.name, isNew: false, removed: true, source: source,
            revision: removed(number, active: true), latestRevision: number, activeRevision: number,
            appliedRevision: number, waitingRevision: nil, bucketMap: head.bucketMap, hosts: [], endsHold: endsHold,
            makesHold: nil)
    }

    /// A new revision that waits for the hold.
    func waiting(_ content: Endpoint, _ buckets: EndpointBuckets) -> EndpointDraft {
        waiting(
            .init(
                number: head.latestRevision + 1, active: false, restores: nil, content: content,
                ranges: buckets.ranges), hosts: Self.hosts([content], [head.active, head.applied]))
    }

    /// A new revision that says that the endpoint is gone, once the hold is released.
    func waitingRemoval() -> EndpointDraft {
        waiting(
            removed(head.latestRevision + 1, active: false), hosts: Self.hosts([], [head.active, head.applied]))
    }

    private func waiting(_ revision: EndpointDraft.NewRevision, hosts: [String]) -> EndpointDraft {
        EndpointDraft(
            endpoint: head.name, isNew: false, source: source, revision: revision, latestRevision: revision.number,
            activeRevision: head.active.number, appliedRevision: head.applied.number,
            waitingRevision: revision.number, bucketMap: head.bucketMap, hosts: hosts, endsHold: nil, makesHold: nil)
    }

    private func removed(_ number: Int, active: Bool) -> EndpointDraft.NewRevision {
        .init(
            number: number, active: active, removed: true, restores: nil, content: head.active.content,
            ranges: head.active.ranges)
    }

    /// No new revision: only the hold changes. When it is released, what git says counts as applied.
    func holdOnly(endsHold: Hold.End?, makesHold: EndpointDraft.NewHold?) -> EndpointDraft {
        let isReleased = makesHold == nil
        let applied = isReleased ? head.declared : head.applied
        let waiting = isReleased ? nil : head.waiting
        return same(
            applied: applied, waiting: waiting,
            hosts: Self.hosts([], [head.active, applied] + [waiting].compactMap(\.self)), endsHold: endsHold,
            makesHold: makesHold)
    }

    /// No new revision: only the source changes.
    func adoption() -> EndpointDraft {
        same(
            applied: head.applied, waiting: head.waiting,
            hosts: Self.hosts([], [head.active, head.applied] + [head.waiting].compactMap(\.self)), endsHold: nil,
            makesHold: nil)
    }

    private func same(
        applied: Revision, waiting: Revision?, hosts: [String], endsHold: Hold.End?, makesHold: EndpointDraft.NewHold?
    ) -> EndpointDraft {
        EndpointDraft(
            endpoint: head.name, isNew: false, removed: head.isRemoved, source: source, revision: nil,
            latestRevision: head.latestRevision, activeRevision: head.active.number, appliedRevision: applied.number,
            waitingRevision: waiting?.number, bucketMap: head.bucketMap, hosts: hosts, endsHold: endsHold,
            makesHold: makesHold)
    }

    /// Whose hosts are kept: of all that may become live without being asked again.
    static func hosts(_ contents: [Endpoint], _ revisions: [Revision] = []) -> [String] {
        let kept = contents + revisions.filter { !$0.removed }.map(\.content)
        return Set(kept.flatMap(\.spec.hosts)).sorted()
    }
}
