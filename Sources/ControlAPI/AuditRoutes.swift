import ControlAPITypes
import ControlPlane
import HTTPTypes
import Resources

struct AuditRoutes: Sendable {
    let controlPlane: ControlPlane

    private static let subject = QueryParameter(
        "subject", "Only what was done to it: `fraud`, `fraud/12`, `fraud@champion`.", ["type": "string"])

    var operations: [Operation] {
        [
            Operation(
                .get, "audit", "listAuditEntries", "List audit entries, the newest first.", for: .role(.viewer),
                query: [Self.subject] + QueryParameter.page
            ) { call in
                try await controlPlane.auditEntries(subject: call.query("subject"), call.page(), by: call.caller())
            },
            Operation(
                .post, "audit/verify", "verifyAudit", "Compute the chain of hashes anew.",
                details: "Names the first entry that isn't as it was written. Changes nothing.", for: .role(.viewer)
            ) { call in try await controlPlane.verifyAudit(by: call.caller()) },
        ]
    }
}
