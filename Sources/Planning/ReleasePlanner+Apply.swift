package import Resources

extension ReleasePlanner {
    /// What applying these endpoints changes. An endpoint under a hold is recorded and waits.
    ///
    /// - Parameters:
    ///   - heads: those of the endpoints that exist or once did.
    ///   - removing: what is to go.
    package func apply(
        _ endpoints: [Endpoint], heads: [EndpointName: EndpointHead], removing: [EndpointHead] = []
    ) throws(TurnoutError) -> PlannedRelease {
        var planned: [PlannedEndpoint] = []
        for endpoint in endpoints {
            if let head = heads[endpoint.name] {
                planned.append(try apply(endpoint, to: head))
            } else {
                planned.append(try create(endpoint))
            }
        }
        planned += removing.map(remove)
        return release(.apply, planned)
    }

    private func create(_ endpoint: Endpoint) throws(TurnoutError) -> PlannedEndpoint {
        let buckets = try EndpointBuckets().reallocated(to: endpoint.spec.variants)
        return PlannedEndpoint(
            change: EndpointChange(
                endpoint: endpoint.name, action: .create, fromRevision: nil, toRevision: 1, before: [],
                after: endpoint.summaries, moves: [], fields: [], held: nil, warnings: []),
            draft: EndpointDraft(
                endpoint: endpoint.name, isNew: true, source: note.source,
                revision: .init(
                    number: 1, active: true, restores: nil, content: endpoint, ranges: buckets.ranges),
                latestRevision: 1, activeRevision: 1, appliedRevision: 1, waitingRevision: nil,
                bucketMap: try buckets.stored(), hosts: EndpointStep.hosts([endpoint]), endsHold: nil, makesHold: nil))
    }

    private func apply(_ endpoint: Endpoint, to head: EndpointHead) throws(TurnoutError) -> PlannedEndpoint {
        let step = EndpointStep(head: head, source: note.source)
        let next = head.latestRevision + 1
        let isLive = head.active.says(endpoint)
        if head.hold == nil && isLive { return unchanged(step, held: nil) }
        let buckets = try EndpointBuckets(stored: head.bucketMap, of: head.name)
        let hold = hold(of: head)
        if isLive {
            let end: Hold.End = hold == nil ? .expired : .caughtUp
            return PlannedEndpoint(
                change: step.change(.catchUp, to: endpoint, buckets, revision: next, held: hold),
                draft: try step.live(endpoint, buckets, fromGit: true, endsHold: end))
        }
        let reallocated = try buckets.reallocated(to: endpoint.spec.variants)
        guard let hold else {
            return PlannedEndpoint(
                change: step.change(.update, to: endpoint, reallocated, revision: next, held: nil),
                draft: try step.live(
                    endpoint, reallocated, fromGit: true, endsHold: head.hold == nil ? nil : .expired))
        }
        if head.declared.says(endpoint) { return unchanged(step, held: hold) }
        return PlannedEndpoint(
            change: step.change(.hold, to: endpoint, reallocated, revision: next, held: hold),
            draft: step.waiting(endpoint, reallocated))
    }

    private func remove(_ head: EndpointHead) -> PlannedEndpoint {
        let step = EndpointStep(head: head, source: note.source)
        guard let hold = hold(of: head) else {
            return PlannedEndpoint(
                change: step.removal(.remove, held: nil),
                draft: step.removal(endsHold: head.hold == nil ? nil : .expired))
        }
        if head.declared.removed { return unchanged(step, held: hold) }
        return PlannedEndpoint(change: step.removal(.hold, held: hold), draft: step.waitingRemoval())
    }

    private func unchanged(_ step: EndpointStep, held: Hold?) -> PlannedEndpoint {
        guard step.changesSource else { return PlannedEndpoint(change: step.unchanged(held: held), draft: nil) }
        return PlannedEndpoint(change: step.unchanged(held: held, action: .adopt), draft: step.adoption())
    }
}
