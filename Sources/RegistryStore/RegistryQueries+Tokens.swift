internal import Postgres
package import Resources

extension RegistryQueries {
    /// A token that was given out, revoked and expired ones included, with the SHA-256 of its secret.
    package func token(_ id: String) async throws -> (token: ApiToken, hash: [UInt8])? {
        guard let row = try await query("\(tokenColumns) WHERE id = $1", [id]).first else { return nil }
        return (try ApiToken(row: row), try row.decode("hash"))
    }

    /// Tokens in the order of their ids.
    package func tokens(after id: String?, limit: Int) async throws -> [ApiToken] {
        try await query("\(tokenColumns) WHERE id > $1 ORDER BY id LIMIT $2", [id ?? "", limit])
            .map(ApiToken.init(row:))
    }

    /// Whether there is a token that is neither revoked nor expired.
    package func hasUsableToken(at now: Timestamp) async throws -> Bool {
        try await query(
            "SELECT FROM api_token WHERE revoked_at IS NULL AND coalesce(expires_at, 'infinity') > $1 LIMIT 1",
            [now.postgres]
        ).isEmpty == false
    }
}

extension RegistryTransaction {
    package func insertToken(_ token: ApiToken, hash: [UInt8]) async throws {
        try await execute(
            """
            INSERT INTO api_token (id, name, role, hash, created_at, created_by, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                token.id, token.name, token.role.rawValue, hash, token.createdAt.postgres, token.createdBy,
                token.expiresAt?.postgres,
            ])
    }

    /// - Returns: whether the token was in force as far as revoking goes.
    package func revokeToken(_ id: String, at now: Timestamp, by actor: String) async throws -> Bool {
        try await execute(
            "UPDATE api_token SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL",
            [id, now.postgres, actor]) > 0
    }
}

private let tokenColumns = """
    SELECT id, name, role, hash, created_at, created_by, expires_at, revoked_at, revoked_by FROM api_token
    """

extension ApiToken {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            id: try row.decode("id"), name: try row.decode("name"), role: try row.choice("role"),
            createdAt: try row.timestamp("created_at"), createdBy: try row.decode("created_by"),
            expiresAt: try row.timestampIfPresent("expires_at"), revokedAt: try row.timestampIfPresent("revoked_at"),
            revokedBy: try row.decodeIfPresent("revoked_by"))
    }
}
