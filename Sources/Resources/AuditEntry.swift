/// What a change leaves in the audit log: who did what to what, when and why.
package struct AuditEntry: Sendable, Hashable, Codable {
    /// 1 or more, without holes.
    package let sequence: Int64
    package let at: Timestamp
    package let actor: String
    package let role: Role
    /// Noun and verb: `model.create`.
    package let action: String
    /// What was changed: `fraud/12`.
    package let subject: String
    package let reason: String?
    /// The particulars, as JSON text; its hash covers it as written.
    package let detail: String
    /// SHA-256 in lower-case hexadecimal.
    package let previousHash: String
    package let hash: String

    package init(
        sequence: Int64, at: Timestamp, actor: String, role: Role, action: String, subject: String, reason: String?,
        detail: String, previousHash: String, hash: String
    ) {
        self.sequence = sequence
        self.at = at
        self.actor = actor
        self.role = role
        self.action = action
        self.subject = subject
        self.reason = reason
        self.detail = detail
        self.previousHash = previousHash
        self.hash = hash
    }
}

/// An audit entry before it has its place in the chain.
package struct AuditDraft: Sendable, Hashable {
    package let at: Timestamp
    package let actor: String
    package let role: Role
    package let action: String
    package let subject: String
    package let reason: String?
    /// A JSON object's text.
    package let detail: String

    package init(
        at: Timestamp, actor: String, role: Role, action: String, subject: String, reason: String?, detail: String
    ) {
        self.at = at
        self.actor = actor
        self.role = role
        self.action = action
        self.subject = subject
        self.reason = reason
        self.detail = detail
    }
}
