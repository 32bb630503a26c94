/// A constraint of the schema refused a statement. Whoever ran the statement knows what that means to the caller and
/// turns it into a `TurnoutError`; one that gets further is a fault of Turnout's.
package struct RegistryViolation: Error, Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case unique
        case foreignKey
        case check
        case exclusion
        /// An append-only table refused a change.
        case appendOnly
    }

    package let kind: Kind
    /// The constraint's name, as the migrations give it; `nil` for `appendOnly`.
    package let constraint: String?
    /// For the operator; may hold data.
    package let detail: String
}
