import ControlAPITypes
package import Resources

extension APIClient {
    /// Audit entries, the newest first.
    package func auditEntries(subject: String?, _ page: PageRequest) async throws -> Page<AuditEntry> {
        try await get(APIPath("audit").query("subject", subject).page(page))
    }

    package func verifyAudit() async throws -> AuditVerification {
        try await post(APIPath("audit", "verify"), [String: String]())
    }
}
