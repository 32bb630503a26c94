internal import Postgres
package import Resources

extension RegistryTransaction {
    /// Lets audited changes happen one after the other.
    ///
    /// `LOCK TABLE` takes no snapshot: what follows sees what the one before committed, where waiting for the chain's
    /// row would end in a serialisation failure.
    func lockAuditChain() async throws {
        try await execute("LOCK TABLE audit_chain IN SHARE ROW EXCLUSIVE MODE")
    }

    /// Adds the next entry of the audit chain; PostgreSQL gives it its sequence and its hashes.
    package func appendAudit(_ draft: AuditDraft) async throws {
        try await execute(
            """
            INSERT INTO audit_entry (at, actor, role, action, subject, reason, detail)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            [
                draft.at.postgres, draft.actor, draft.role.rawValue, draft.action, draft.subject, draft.reason,
                draft.detail,
            ])
    }
}
