internal import Foundation
package import RegistryStore
internal import Resources

extension ControlPlane {
    /// Writes the audit entry of a change, in the change's own transaction: neither exists without the other.
    ///
    /// - Parameters:
    ///   - action: noun and verb, `model.create`.
    ///   - subject: what was changed, `fraud/12`.
    ///   - detail: the particulars; secrets and credentials don't belong in it.
    package func appendAudit(
        _ transaction: RegistryTransaction, _ caller: Caller, action: String, subject: String, reason: String? = nil,
        detail: some Encodable = NoDetail()
    ) async throws {
        try await transaction.appendAudit(
            AuditDraft(
                at: now(), actor: caller.actor, role: caller.role, action: action, subject: subject, reason: reason,
                detail: try CanonicalJSON.text(detail)))
    }
}

/// An audit entry that needs no particulars: `{}`.
package struct NoDetail: Encodable {
    package init() {}
}
