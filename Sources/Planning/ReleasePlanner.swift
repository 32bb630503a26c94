package import Resources

/// Decides what a release changes. Pure: the same heads, wishes and moment give the same decision.
///
/// The heads must be read under the lock under which the decision is written.
package struct ReleasePlanner: Sendable {
    package let note: ReleaseNote
    /// Decides whether a hold with a limit still has force.
    package let now: Timestamp

    package init(note: ReleaseNote, now: Timestamp) {
        self.note = note
        self.now = now
    }

    /// The hold that stands in the way, if its time has not passed.
    func hold(of head: EndpointHead) -> Hold? {
        guard let hold = head.hold, hold.isInForce(at: now) else { return nil }
        return hold
    }

    /// - Throws: `conflict` when someone else holds the endpoint.
    func demandNoOthersHold(on head: EndpointHead, takesOver: Bool) throws(TurnoutError) {
        guard let hold = hold(of: head), hold.by != note.actor, !takesOver else { return }
        throw TurnoutError(
            .conflict,
            "Endpoint '\(head.name)' is held by \(hold.summary). "
                + "Agree with \(hold.by), then repeat this with --take-over, or wait for 'turnout resume \(head.name)'."
        )
    }

    /// The new hold's place when one may stand there already.
    func endOfFormerHold(on head: EndpointHead) -> Hold.End? {
        guard head.hold != nil else { return nil }
        return hold(of: head) == nil ? .expired : .replaced
    }

    func release(
        _ origin: RevisionOrigin, commit: String? = nil, _ planned: [PlannedEndpoint], notes: [String] = []
    ) -> PlannedRelease {
        var note = note
        note.commit = note.commit ?? commit
        let sorted = planned.sorted { $0.change.endpoint < $1.change.endpoint }
        return PlannedRelease(
            changes: sorted.map(\.change),
            draft: ReleaseDraft(origin: origin, note: note, endpoints: sorted.compactMap(\.draft)), notes: notes)
    }
}

/// One endpoint's part of a decision; without a draft nothing is written for it.
struct PlannedEndpoint {
    var change: EndpointChange
    var draft: EndpointDraft?
}
