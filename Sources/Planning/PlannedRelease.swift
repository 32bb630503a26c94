package import Resources

/// A decision: what to tell the caller, and what to write.
package struct PlannedRelease: Sendable, Hashable {
    package var changes: [EndpointChange]
    package var draft: ReleaseDraft
    /// What else is worth saying.
    package var notes: [String]

    /// Whether there is nothing to write at all.
    package var isEmpty: Bool { draft.endpoints.isEmpty }

    package var status: ChangeOutcome.Status {
        if draft.origin == .apply && changes.contains(where: \.waits) { return .held }
        return isEmpty ? .unchanged : .applied
    }
}
