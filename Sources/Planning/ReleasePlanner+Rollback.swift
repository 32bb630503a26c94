package import Resources

extension ReleasePlanner {
    /// Brings back the exact content and buckets of an older revision, so that the identical users return.
    ///
    /// - Parameter until: when the hold ends by itself; `nil` for never.
    /// - Throws: `invalid` when the revision never was live, `conflict` under another's hold.
    package func rollback(
        _ head: EndpointHead, to target: Revision, until: Timestamp?, takesOver: Bool
    ) throws(TurnoutError) -> PlannedRelease {
        try demandNoOthersHold(on: head, takesOver: takesOver)
        guard !target.removed else {
            throw TurnoutError(
                .invalid,
                "Revision \(target.number) of '\(head.name)' is that it was removed: there is nothing to bring back.")
        }
        guard target.active else {
            throw TurnoutError(
                .invalid,
                "Revision \(target.number) of '\(head.name)' never was live: it waited for a hold. "
                    + "'turnout resume \(head.name)' makes live what git says.")
        }
        return release(
            .rollback, commit: target.commit, [try restored(head, target, until: until)], notes: formerHoldNotes(head))
    }

    /// Brings every endpoint back to what it was at an earlier release, all or none.
    ///
    /// - Parameters:
    ///   - until: when the holds end by themselves; `nil` for never.
    ///   - targets: what each endpoint had live at that release; one that came later is absent and is left alone.
    package func rollback(
        _ heads: [EndpointHead], toRelease release: Release, targets: [EndpointName: Revision], until: Timestamp?,
        takesOver: Bool
    ) throws(TurnoutError) -> PlannedRelease {
        var planned: [PlannedEndpoint] = []
        var notes: [String] = []
        for head in heads.sorted(by: { $0.name < $1.name }) {
            guard let target = targets[head.name], !target.removed else {
                if !head.isRemoved {
                    notes.append("'\(head.name)' was not there at release \(release.number) and is left as it is.")
                }
                continue
            }
            let isSame = head.active.saysTheSame(as: target) && target.ranges == head.active.ranges
            guard !isSame else {
                planned.append(
                    PlannedEndpoint(change: EndpointStep(head: head).unchanged(held: nil), draft: nil))
                continue
            }
            try demandNoOthersHold(on: head, takesOver: takesOver)
            notes += formerHoldNotes(head)
            planned.append(try restored(head, target, until: until))
        }
        return self.release(.rollback, commit: release.commit, planned, notes: notes)
    }

    private func restored(
        _ head: EndpointHead, _ target: Revision, until: Timestamp?
    ) throws(TurnoutError) -> PlannedEndpoint {
        let buckets = try EndpointBuckets(stored: head.bucketMap, of: head.name)
        return try heldEndpoint(
            head, target.content, try buckets.restored(to: target.ranges), restores: target.number,
            makesHold: EndpointDraft.NewHold(kind: .rollback, by: note.actor, reason: note.reason, until: until))
    }
}
