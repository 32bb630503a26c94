internal import Resources
internal import SoakHistory

extension RunRecord {
    /// Follows every hold through the audit log, and looks who made revisions live under it.
    func holdsRespected() -> Finding {
        var finding = Finding(15, "no revision becomes active under another's hold")
        var holds: [EndpointName: (actor: String, until: Timestamp?)] = [:]
        for entry in facts.audit {
            for part in entry.change?.endpoints ?? [] {
                let hold = holds[part.endpoint]
                let isForced = hold.map { hold in hold.until.map { $0 > entry.at } ?? true } ?? false
                if let hold, part.live == true, isForced {
                    finding.expect(
                        isAllowed(entry, part, under: hold.actor),
                        "revision \(part.revision ?? 0) of \(part.endpoint) went live by \(entry.actor) (\(entry.action)) "
                            + "under the hold of \(hold.actor)")
                }
                if part.endsHold != nil {
                    finding.expect(hold != nil, "entry \(entry.sequence) ends a hold on \(part.endpoint) that is none")
                    holds[part.endpoint] = nil
                }
                if entry.action == "endpoint.promote" || entry.action == "endpoint.rollback" {
                    finding.expect(
                        holds[part.endpoint] == nil, "entry \(entry.sequence) puts a second hold on \(part.endpoint)")
                    holds[part.endpoint] = (entry.actor, part.holdUntil)
                }
            }
        }
        finding.expect(
            holds.mapValues(\.actor) == facts.openHolds,
            "the audit log leaves the holds \(holds.mapValues(\.actor)), the registry has \(facts.openHolds)")
        return finding
    }

    /// Under a hold in force only its holder acts, or who asks to take over, or who releases it; and git, when it says
    /// what is live already.
    private func isAllowed(
        _ entry: RegistryFacts.AuditRow, _ part: AuditedChange.Part, under holder: String
    ) -> Bool {
        switch (entry.action, part.endsHold) {
        case ("endpoint.promote", .replaced), ("endpoint.rollback", .replaced):
            entry.actor == holder || intents[entry.reason ?? ""]?.operation.takesOver == true
        case ("endpoint.resume", .resumed): true
        case ("endpoint.apply", .caughtUp): saysTheSame(part)
        default: false
        }
    }

    /// Whether a revision moves nobody: the same versions own the same buckets as in the active one before it.
    private func saysTheSame(_ part: AuditedChange.Part) -> Bool {
        let revisions = facts.revisions.filter { $0.endpoint == part.endpoint && $0.isActive }
        guard let index = revisions.firstIndex(where: { $0.number == part.revision }), index > 0 else { return false }
        return revisions[index].ranges == revisions[index - 1].ranges
            && revisions[index].versions == revisions[index - 1].versions
    }
}
