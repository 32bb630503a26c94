package import Resources

extension ReleasePlanner {
    /// What applying these endpoints changes. An endpoint under a hold is recorded and waits.
    ///
    /// - Parameter heads: those of the endpoints that exist.
    package func apply(
        _ endpoints: [Endpoint], heads: [EndpointName: EndpointHead]
    ) throws(TurnoutError) -> PlannedRelease {
        var planned: [PlannedEndpoint] = []
        for endpoint in endpoints {
            if let head = heads[endpoint.name] {
                planned.append(try apply(endpoint, to: head))
            } else {
                planned.append(try create(endpoint))
            }
        }
        return release(.apply, planned)
    }

    private func create(_ endpoint: Endpoint) throws(TurnoutError) -> PlannedEndpoint {
        let buckets = try EndpointBuckets().reallocated(to: endpoint.spec.variants)
        return PlannedEndpoint(
            change: EndpointChange(
                endpoint: endpoint.name, action: .create, fromRevision: nil, toRevision: 1, before: [],
                after: endpoint.summaries, moves: [], fields: [], held: nil, warnings: []),
            draft: EndpointDraft(
                endpoint: endpoint.name, isNew: true,
                revision: .init(
                    number: 1, active: true, restores: nil, content: endpoint, ranges: buckets.ranges),
                latestRevision: 1, activeRevision: 1, appliedRevision: 1, waitingRevision: nil,
                bucketMap: try buckets.stored(), hosts: EndpointStep.hosts([endpoint]), endsHold: nil, makesHold: nil))
    }

    private func apply(_ endpoint: Endpoint, to head: EndpointHead) throws(TurnoutError) -> PlannedEndpoint {
        let step = EndpointStep(head: head)
        let next = head.latestRevision + 1
        let isLive = endpoint.saysTheSame(as: head.active.content)
        if head.hold == nil && isLive { return PlannedEndpoint(change: step.unchanged(held: nil), draft: nil) }
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
        if endpoint.saysTheSame(as: head.declared.content) {
            return PlannedEndpoint(change: step.unchanged(held: hold), draft: nil)
        }
        return PlannedEndpoint(
            change: step.change(.hold, to: endpoint, reallocated, revision: next, held: hold),
            draft: step.waiting(endpoint, reallocated))
    }
}
