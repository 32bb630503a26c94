internal import RegistryStore
package import Resources

extension ControlPlane {
    private static let verificationBatch = 1000

    /// Audit entries, the newest first.
    /// - Parameter subject: only what was done to it; `nil` for everything.
    package func auditEntries(
        subject: String?, _ page: PageRequest, by caller: Caller
    ) async throws -> Page<AuditEntry> {
        try caller.authorize(.viewer)
        let before = try page.numericCursor()
        return Page(
            try await store.auditEntries(subject: subject, before: before, limit: page.limit + 1), of: page,
            position: { String($0.sequence) })
    }

    /// Computes the whole chain anew, and names the first entry that isn't as it was written.
    package func verifyAudit(by caller: Caller) async throws -> AuditVerification {
        try caller.authorize(.viewer)
        return try await store.snapshot { transaction in
            var chain = AuditChain()
            var batch: [AuditEntry]
            repeat {
                batch = try await transaction.auditEntries(after: chain.sequence, limit: Self.verificationBatch)
                for entry in batch {
                    if let fault = chain.append(entry) { return chain.verification(fault: fault) }
                }
            } while batch.count == Self.verificationBatch
            let end = try await transaction.auditChainEnd()
            guard end.sequence == chain.sequence, end.hash == chain.hash else {
                return chain.verification(
                    fault: "the chain should end with entry \(end.sequence), hash \(end.hash), but ends with "
                        + "entry \(chain.sequence), hash \(chain.hash)")
            }
            return chain.verification(fault: nil)
        }
    }
}
