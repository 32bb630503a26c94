package import Resources

/// `PUT /models/{model}/aliases/{alias}`
package struct AliasAssignment: Sendable, Hashable, Codable {
    package var version: Int
    /// Where the alias must point for the change to go on: a version, or 0 for nowhere. Absent: anywhere.
    package var expected: Int?

    package init(version: Int, expected: Int? = nil) {
        self.version = version
        self.expected = expected
    }
}

/// `POST /tokens`
package struct TokenDraft: Sendable, Hashable, Codable {
    package var name: String
    package var role: Role
    /// Absent: for ever.
    package var lifetime: Interval?

    package init(name: String, role: Role, lifetime: Interval? = nil) {
        self.name = name
        self.role = role
        self.lifetime = lifetime
    }
}

/// What every deletion answers.
package struct Deletion: Sendable, Hashable, Codable {
    /// Whether there was anything to delete.
    package var deleted: Bool

    package init(deleted: Bool) { self.deleted = deleted }
}

extension AliasExpectation {
    /// - Parameter number: as on the wire: a version, 0 for no such alias, `nil` for anything.
    package init(number: Int?) {
        self =
            switch number {
            case nil: .anything
            case 0: .absent
            case let number?: .version(number)
            }
    }
}
