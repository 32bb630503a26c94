package import Resources

/// Who asks, as the transport found out. Passed to every use case; each decides what role it takes.
package struct Caller: Sendable, Hashable {
    /// Goes into the audit log: a token's name, or the person's own in `dev`.
    package let actor: String
    package let role: Role

    package init(actor: String, role: Role) {
        self.actor = actor
        self.role = role
    }

    /// - Throws: `forbidden`, naming both roles, when the caller's does not include `required`.
    package func authorize(_ required: Role) throws(TurnoutError) {
        guard role.includes(required) else {
            throw TurnoutError(
                .forbidden, "This takes a token of the role \(required.rawValue); that of \(actor) is \(role.rawValue)."
            )
        }
    }
}
