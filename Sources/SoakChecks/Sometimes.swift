internal import Resources
internal import SoakHistory

/// Something that must have happened in a run, or the run has shown nothing.
package struct Sometimes: Sendable, Hashable {
    package let what: String
    package let count: Int
    /// Fewer is a run that failed.
    package let least: Int

    package var holds: Bool { count >= least }
}

extension RunRecord {
    /// Everything that a run must have seen, given what it was told to do.
    package func sometimes() -> [Sometimes] {
        let header = history.header
        let faults = header?.faults ?? []
        let writes = history.attempts.filter { !$0.operation.isRead }
        var expected = faults.map { fault in
            Sometimes(what: "fault \(fault.rawValue)", count: history.faults.count { $0.fault == fault }, least: 1)
        }
        for kind in Attempt.Outcome.Kind.allCases {
            expected.append(
                Sometimes(what: "outcome \(kind.rawValue)", count: writes.count { $0.outcome.kind == kind }, least: 1))
        }
        let acknowledged = Dictionary(grouping: intents.values.filter { $0.outcome == .ok }, by: \.operation.name)
        for name in ["apply", "promote", "rollback", "resume", "register version", "set alias", "read alias"] {
            expected.append(Sometimes(what: "acknowledged: \(name)", count: acknowledged[name]?.count ?? 0, least: 1))
        }
        // A short run may well get along without what is asked for seldom.
        let isLong = (header?.leastChanges ?? 0) >= 1000
        for name in ["prune", "rollback release", "delete alias", "delete version"] {
            expected.append(
                Sometimes(
                    what: "acknowledged: \(name)", count: acknowledged[name]?.count ?? 0, least: isLong ? 1 : 0))
        }
        expected += [
            Sometimes(
                what: "changes asked for", count: intents.values.count { !$0.operation.isRead },
                least: header?.leastChanges ?? 1),
            Sometimes(
                what: "an apply waited for a hold",
                count: writes.count {
                    if case .ok(.change(let outcome)) = $0.outcome { outcome.status == .held } else { false }
                }, least: 1),
            Sometimes(
                what: "a repeated request met its record",
                count: writes.count { $0.isRepeat && $0.outcome.kind == .ok }, least: 1),
            Sometimes(
                what: "an endpoint was removed", count: facts.revisions.count { $0.isRemoval && $0.isActive },
                least: isLong ? 1 : 0),
            Sometimes(
                what: "an endpoint that was removed came back", count: returns, least: isLong ? 1 : 0),
            Sometimes(
                what: "an answer that there is no such endpoint", count: history.scores.count { $0.status == 404 },
                least: isLong ? 1 : 0),
            Sometimes(
                what: "answers explained by their generation",
                count: history.explained.count { $0.basis == .generation }, least: isLong ? 300 : 1),
            Sometimes(
                what: "answers explained by the clock", count: history.explained.count { $0.basis == .clock },
                least: 1),
            Sometimes(
                what: "holders of the reconciler's lease", count: Set(facts.grants.map(\.holder)).count, least: 1),
        ]
        if faults.contains(.cutAfterCommit) {
            expected.append(
                Sometimes(
                    what: "a retry after an unknown outcome met its record",
                    count: writes.count { !$0.isRepeat && $0.wasRecorded == true && $0.outcome.kind == .ok }, least: 1))
        }
        if faults.contains(.staleLeader) {
            expected.append(
                Sometimes(
                    what: "a stale leader was refused", count: history.evidence?.staleLeadersRefused ?? 0, least: 1))
        }
        if faults.contains(.contention) {
            expected.append(
                Sometimes(
                    what: "serialization failures (40001)", count: history.evidence?.serializationFailures ?? 0,
                    least: 1))
        }
        return expected
    }

    /// Revisions that follow a removal.
    private var returns: Int {
        let live = Dictionary(grouping: facts.revisions.filter(\.isActive), by: \.endpoint).values
        return live.reduce(0) { sum, revisions in
            sum + zip(revisions, revisions.dropFirst()).count { $0.isRemoval && !$1.isRemoval }
        }
    }
}
