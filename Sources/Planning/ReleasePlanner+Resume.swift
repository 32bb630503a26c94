package import Resources

extension ReleasePlanner {
    /// Releases the hold: what git says goes live, moving as few users as it takes.
    ///
    /// Without a hold nothing happens. When git already says what is live, only the hold goes.
    package func resume(_ head: EndpointHead) throws(TurnoutError) -> PlannedRelease {
        guard let hold = head.hold else {
            return release(
                .resume, [PlannedEndpoint(change: EndpointStep(head: head).unchanged(held: nil), draft: nil)],
                notes: ["'\(head.name)' is not held: what git says is live."])
        }
        return try released(
            head, .resume, end: .resumed, notes: ["The hold on '\(head.name)' was released: \(hold.summary)."])
    }

    /// Releases a hold whose time has passed.
    ///
    /// - Returns: `nil` when there is none.
    package func expire(_ head: EndpointHead) throws(TurnoutError) -> PlannedRelease? {
        guard let hold = head.hold, !hold.isInForce(at: now) else { return nil }
        return try released(
            head, .holdExpiry, end: .expired, notes: ["The hold on '\(head.name)' expired: \(hold.summary)."])
    }

    private func released(
        _ head: EndpointHead, _ origin: RevisionOrigin, end: Hold.End, notes: [String]
    ) throws(TurnoutError) -> PlannedRelease {
        let step = EndpointStep(head: head)
        let content = head.declared.content
        guard !head.declared.saysTheSame(as: head.active) else {
            return release(
                origin, commit: head.declared.commit,
                [
                    PlannedEndpoint(
                        change: step.unchanged(held: nil), draft: step.holdOnly(endsHold: end, makesHold: nil))
                ],
                notes: notes + ["Git says what is live already: nobody moves."])
        }
        guard !head.declared.removed else {
            let planned = PlannedEndpoint(
                change: step.removal(.remove, held: nil), draft: step.removal(endsHold: end))
            return release(origin, commit: head.declared.commit, [planned], notes: notes)
        }
        let buckets = try EndpointBuckets(stored: head.bucketMap, of: head.name)
            .reallocated(to: content.spec.variants)
        let planned = PlannedEndpoint(
            change: step.change(.update, to: content, buckets, revision: head.latestRevision + 1, held: nil),
            draft: try step.live(content, buckets, fromGit: true, endsHold: end))
        return release(origin, commit: head.declared.commit, [planned], notes: notes)
    }
}
