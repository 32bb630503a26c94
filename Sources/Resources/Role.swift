/// What a caller may do.
package enum Role: String, Sendable, Hashable, Codable, CaseIterable {
    /// Takes routing tables and reports for a proxy, and nothing else.
    case proxy
    /// Reads everything but tokens.
    case viewer
    /// Registers, applies, promotes, rolls back.
    case `operator`
    /// Also deletes, and gives and takes tokens.
    case admin

    /// Whether a bearer of this role may do what `required` may: viewer, operator and admin include each the one
    /// before. A proxy is apart, so that a token that only reads can't speak for one; admin includes it.
    package func includes(_ required: Role) -> Bool {
        switch (self, required) {
        case (.admin, _): true
        case (_, .proxy), (.proxy, _): self == required
        case (.operator, .admin), (.viewer, .operator), (.viewer, .admin): false
        case (.operator, _), (.viewer, .viewer): true
        }
    }
}
