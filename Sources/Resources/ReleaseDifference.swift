/// What lies between two releases: what was live right after the one and right after the other.
package struct ReleaseDifference: Sendable, Hashable, Codable {
    package var from: Int
    package var to: Int
    /// The endpoints that differ, by name: created, updated or removed.
    package var changes: [EndpointChange]

    package init(from: Int, to: Int, changes: [EndpointChange]) {
        self.from = from
        self.to = to
        self.changes = changes
    }
}
