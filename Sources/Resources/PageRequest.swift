/// Which page of a list is wanted.
package struct PageRequest: Sendable, Hashable {
    /// 1 to 1,000.
    package let limit: Int
    package let cursor: String?

    package static let defaultLimit = 100
    package static let maximumLimit = 1000

    /// - Throws: `TurnoutError` with code `invalid` if the limit is out of range.
    package init(limit: Int = PageRequest.defaultLimit, cursor: String? = nil) throws(TurnoutError) {
        guard (1...Self.maximumLimit).contains(limit) else {
            throw TurnoutError(.invalid, "limit is \(limit): expected 1 to \(Self.maximumLimit).")
        }
        self.limit = limit
        self.cursor = cursor
    }

    /// The cursor of a list that is ordered by number.
    /// - Throws: `TurnoutError` with code `invalid` for a cursor that came from elsewhere.
    package func numericCursor() throws(TurnoutError) -> Int64? {
        guard let cursor else { return nil }
        guard let number = Int64(cursor) else {
            throw TurnoutError(.invalid, "The cursor '\(cursor)' is not one of this list's.")
        }
        return number
    }
}
