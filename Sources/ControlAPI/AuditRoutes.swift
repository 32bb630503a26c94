import ControlAPITypes
import ControlPlane
import Hummingbird
import Resources

struct AuditRoutes: Sendable {
    let controlPlane: ControlPlane

    func add(to group: RouterGroup<APIContext>) {
        group.get("audit", use: list)
        group.post("audit/verify", use: verify)
    }

    /// `?subject=fraud/12`
    @Sendable private func list(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<Page<AuditEntry>> {
        JSONAnswer(
            try await controlPlane.auditEntries(
                subject: request.query("subject"), request.page(), by: context.requireCaller()))
    }

    @Sendable private func verify(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<AuditVerification> {
        JSONAnswer(try await controlPlane.verifyAudit(by: context.requireCaller()))
    }
}
