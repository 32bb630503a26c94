import ControlAPITypes
import ControlPlane
import HTTPTypes
import Resources

struct TokenRoutes: Sendable {
    let controlPlane: ControlPlane

    var operations: [Operation] {
        [
            Operation(
                .get, "tokens", "listTokens", "List tokens without their secrets, by id.",
                details: "Revoked and expired ones are included.", for: .role(.admin), query: QueryParameter.page
            ) { call in try await controlPlane.tokens(call.page(), by: call.caller()) },
            Operation(
                .post, "tokens", "createToken", "Make a token.",
                details: "Its secret is in this answer and nowhere else. Sent again with the same idempotency key, it "
                    + "makes no second token; since the secret can't be shown again, it is refused with "
                    + "`already_exists`, naming the token to revoke.",
                for: .role(.admin), query: [.reason], traits: .keyed, status: .created, refuses: [.alreadyExists]
            ) { (call, draft: TokenDraft) in
                try await controlPlane.createToken(
                    name: draft.name, role: draft.role, lifetime: draft.lifetime, key: call.key(),
                    reason: call.reason(), by: call.caller())
            },
            Operation(
                .delete, "tokens/{token}", "revokeToken", "End a token at once; it stays in the list, revoked.",
                for: .role(.admin), query: [.reason], traits: .keyed, refuses: [.notFound]
            ) { call in
                try await controlPlane.revokeToken(
                    call.parameter("token"), key: call.key(), reason: call.reason(), by: call.caller())
            },
        ]
    }
}
