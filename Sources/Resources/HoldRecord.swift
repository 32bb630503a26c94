/// A hold that stands or once stood on an endpoint.
package struct HoldRecord: Sendable, Hashable, Codable {
    package struct Ending: Sendable, Hashable, Codable {
        package var at: Timestamp
        package var by: String
        package var why: Hold.End

        package init(at: Timestamp, by: String, why: Hold.End) {
            self.at = at
            self.by = by
            self.why = why
        }
    }

    /// Rises with every hold, of whichever endpoint.
    package var id: Int64
    package var hold: Hold
    /// `nil` while it stands.
    package var ended: Ending?

    package init(id: Int64, hold: Hold, ended: Ending?) {
        self.id = id
        self.hold = hold
        self.ended = ended
    }
}
