internal import Digests
internal import Resources

/// The audit chain as far as it was walked: computed here, apart from PostgreSQL, which wrote it.
struct AuditChain {
    private(set) var sequence: Int64 = 0
    private(set) var hash = String(repeating: "0", count: SHA256Digest.byteCount * 2)

    /// Goes one entry on.
    /// - Returns: what is wrong with it; `nil` when it is the next one and as it was written.
    mutating func append(_ entry: AuditEntry) -> String? {
        guard entry.sequence == sequence + 1 else { return "entry \(sequence + 1) is missing" }
        guard entry.previousHash == hash else { return "entry \(entry.sequence) does not follow entry \(sequence)" }
        guard entry.hash == Self.hash(of: entry) else { return "entry \(entry.sequence) was changed" }
        sequence = entry.sequence
        hash = entry.hash
        return nil
    }

    func verification(fault: String?) -> AuditVerification {
        AuditVerification(entries: sequence, head: hash, fault: fault)
    }

    /// The migration's `chain_audit_entry` says the same in SQL.
    private static func hash(of entry: AuditEntry) -> String {
        let fields: [String?] = [
            String(entry.sequence), String(entry.at.microseconds), entry.actor, entry.role.rawValue, entry.action,
            entry.subject, entry.reason, entry.detail,
        ]
        let content = fields.map { field in field.map { "\($0.utf8.count):\($0)" } ?? "-" }.joined()
        return SHA256Digest.hash((Hexadecimal.bytes(entry.previousHash) ?? []) + Array(content.utf8)).hex
    }
}
