package import Resources

/// A decision: what to tell the caller, and what to write.
package struct PlannedRelease: Sendable, Hashable {
    package var changes: [EndpointChange]
    package var draft: ReleaseDraft
    /// What else is worth saying.
    package var notes: [String]

    /// Whether there is nothing to write at all.
    package var isEmpty: Bool { draft.endpoints.isEmpty }

    /// What these changes do otherwise than a plan showed them, for people; what needs no change any more does no harm.
    package func differences(from expected: [EndpointChange]) -> [String] {
        let shown = Dictionary(expected.map { ($0.endpoint, $0) }, uniquingKeysWith: { first, _ in first })
        return changes.filter { $0.action != .unchanged }.compactMap { change in
            let name = "'\(change.endpoint)'"
            guard let plan = shown[change.endpoint] else { return "\(name) would change, and the plan did not say so" }
            guard plan != change else { return nil }
            switch (plan.held, change.held) {
            case (nil, let hold?): return "\(name) came to be held by \(hold.summary)"
            case (let hold?, nil): return "the hold on \(name) by \(hold.summary) ended"
            case (let old?, let new?) where old != new:
                return "the hold on \(name) by \(old.summary) gave way to one by \(new.summary)"
            default: return "\(name) would change otherwise than the plan shows"
            }
        }
    }

    package var status: ChangeOutcome.Status {
        if draft.origin == .apply && changes.contains(where: \.waits) { return .held }
        return isEmpty ? .unchanged : .applied
    }
}
