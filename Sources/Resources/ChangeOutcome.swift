/// What an apply, promote, rollback or resume did.
package struct ChangeOutcome: Sendable, Hashable, Codable {
    package enum Status: String, Sendable, Hashable, Codable, CaseIterable {
        /// Live as soon as the proxies have it.
        case applied
        /// Nothing to do.
        case unchanged
        /// Recorded, but at least one endpoint waits for a hold.
        case held
    }

    package var status: Status
    /// The release that it made, or the newest one when it made none.
    package var release: Int
    package var changes: [EndpointChange]
    /// What else is worth saying: whose hold was released or taken over, which endpoints were left alone.
    package var notes: [String]

    package init(status: Status, release: Int, changes: [EndpointChange], notes: [String] = []) {
        self.status = status
        self.release = release
        self.changes = changes
        self.notes = notes
    }
}
