/// A token of the control API, without its secret.
package struct ApiToken: Sendable, Hashable, Codable {
    /// The part of the token that is no secret: 12 hexadecimal digits.
    package let id: String
    /// Whom or what the token is for; the actor in the audit log.
    package let name: String
    package let role: Role
    package let createdAt: Timestamp
    package let createdBy: String
    /// Absent: never.
    package let expiresAt: Timestamp?
    package let revokedAt: Timestamp?
    package let revokedBy: String?

    package init(
        id: String, name: String, role: Role, createdAt: Timestamp, createdBy: String, expiresAt: Timestamp?,
        revokedAt: Timestamp? = nil, revokedBy: String? = nil
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.revokedBy = revokedBy
    }
}

/// A token just made. Its secret is in nobody's hands but the caller's, and can't be shown again.
package struct CreatedToken: Sendable, Hashable, Codable {
    /// `tko_…`, to be sent as `Authorization: Bearer tko_…`.
    package let secret: String
    package let token: ApiToken

    package init(secret: String, token: ApiToken) {
        self.secret = secret
        self.token = token
    }
}
