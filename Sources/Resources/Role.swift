/// What a caller may do. Each role may do all that the ones before it may.
package enum Role: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Reads everything but tokens.
    case viewer
    /// Registers, applies, promotes, rolls back.
    case `operator`
    /// Also deletes, and gives and takes tokens.
    case admin

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }

    package static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
}
