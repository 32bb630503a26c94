import ControlAPITypes
import ControlPlane
import Hummingbird
import Resources

struct TokenRoutes: Sendable {
    let controlPlane: ControlPlane

    func add(to group: RouterGroup<APIContext>) {
        group.get("tokens", use: list)
        group.post("tokens", use: create)
        group.delete("tokens/:token", use: revoke)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Page<ApiToken>> {
        JSONAnswer(try await controlPlane.tokens(request.page(), by: context.requireCaller()))
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<CreatedToken> {
        let draft = try await request.body(as: TokenDraft.self, context)
        return JSONAnswer(
            try await controlPlane.createToken(
                name: draft.name, role: draft.role, lifetime: draft.lifetime, reason: request.reason(),
                by: context.requireCaller()),
            status: .created)
    }

    /// The token stays in the list, revoked.
    @Sendable private func revoke(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ApiToken> {
        JSONAnswer(
            try await controlPlane.revokeToken(
                context.parameter("token"), reason: request.reason(), by: context.requireCaller()))
    }
}
