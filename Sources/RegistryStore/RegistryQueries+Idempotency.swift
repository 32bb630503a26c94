internal import Postgres
package import Resources

extension RegistryQueries {
    /// What the same caller's earlier request with this key was, and what it was answered.
    package func recordedAnswer(
        to key: IdempotencyKey, by actor: String
    ) async throws -> (requestDigest: String, response: String)? {
        let rows = try await query(
            "SELECT request_digest, response FROM idempotency_key WHERE actor = $1 AND key = $2", [actor, key.rawValue])
        guard let row = rows.first else { return nil }
        return (try row.decode("request_digest"), try row.decode("response"))
    }
}

extension RegistryTransaction {
    package func recordAnswer(
        to key: IdempotencyKey, by actor: String, requestDigest: String, response: String, at now: Timestamp
    ) async throws {
        try await execute(
            """
            INSERT INTO idempotency_key (actor, key, request_digest, response, created_at) VALUES ($1, $2, $3, $4, $5)
            """, [actor, key.rawValue, requestDigest, response, now.postgres])
    }

    /// Forgets answers that were recorded before a moment, at most 100 of them.
    package func forgetAnswers(before moment: Timestamp) async throws {
        try await execute(
            """
            DELETE FROM idempotency_key WHERE (actor, key) IN (
                SELECT actor, key FROM idempotency_key WHERE created_at < $1 ORDER BY created_at LIMIT 100)
            """, [moment.postgres])
    }
}
