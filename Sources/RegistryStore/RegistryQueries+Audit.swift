internal import Postgres
package import Resources

extension RegistryQueries {
    /// Audit entries, the newest first.
    /// - Parameter subject: only what was done to it, such as `fraud/12`; `nil` for everything.
    package func auditEntries(subject: String?, before sequence: Int64?, limit: Int) async throws -> [AuditEntry] {
        let before = sequence ?? Int64.max
        guard let subject else {
            return try await query(
                "\(auditColumns) WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2", [before, limit]
            ).map(AuditEntry.init(row:))
        }
        return try await query(
            "\(auditColumns) WHERE subject = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3",
            [subject, before, limit]
        ).map(AuditEntry.init(row:))
    }

    /// Audit entries in the order in which they were written.
    package func auditEntries(after sequence: Int64, limit: Int) async throws -> [AuditEntry] {
        try await query("\(auditColumns) WHERE sequence > $1 ORDER BY sequence LIMIT $2", [sequence, limit])
            .map(AuditEntry.init(row:))
    }

    /// Where the audit chain ends: the newest entry's sequence, 0 for none, and its hash.
    package func auditChainEnd() async throws -> (sequence: Int64, hash: String) {
        let rows = try await query("SELECT sequence, encode(hash, 'hex') AS hash FROM audit_chain WHERE is_only")
        guard let row = rows.first else { return (0, "") }
        return (try row.decode("sequence"), try row.decode("hash"))
    }
}

private let auditColumns = """
    SELECT sequence, at, actor, role, action, subject, reason, detail, encode(previous_hash, 'hex') AS previous_hash,
        encode(hash, 'hex') AS hash
    FROM audit_entry
    """

extension AuditEntry {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            sequence: try row.decode("sequence"), at: try row.timestamp("at"), actor: try row.decode("actor"),
            role: try row.choice("role"), action: try row.decode("action"), subject: try row.decode("subject"),
            reason: try row.decodeIfPresent("reason"), detail: try row.decode("detail"),
            previousHash: try row.decode("previous_hash"), hash: try row.decode("hash"))
    }
}
