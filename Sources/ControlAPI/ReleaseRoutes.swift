import ControlAPITypes
import ControlPlane
import Hummingbird
import Resources

/// Plans, releases, and how far the proxies have got with them.
struct ReleaseRoutes: Sendable {
    let controlPlane: ControlPlane

    func add(to group: RouterGroup<APIContext>) {
        group.post("plans", use: plan)
        group.get("releases", use: list)
        group.post("releases", use: apply)
        group.post("releases/rollback", use: rollback)
        group.get("releases/:release/convergence", use: convergence)
        group.get("proxies", use: proxies)
    }

    @Sendable private func plan(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Plan> {
        JSONAnswer(
            try await controlPlane.plan(request.body(as: ApplyRequest.self, context), by: context.requireCaller()))
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Page<Release>> {
        JSONAnswer(try await controlPlane.releases(request.page(), by: context.requireCaller()))
    }

    @Sendable private func apply(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ChangeOutcome> {
        JSONAnswer(
            try await controlPlane.apply(
                request.body(as: ApplyRequest.self, context), key: request.idempotencyKey(),
                by: context.requireCaller()))
    }

    @Sendable private func rollback(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<ChangeOutcome> {
        JSONAnswer(
            try await controlPlane.rollback(
                request.body(as: ReleaseRollbackRequest.self, context), key: request.idempotencyKey(),
                by: context.requireCaller()))
    }

    @Sendable private func convergence(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<Convergence> {
        JSONAnswer(try await controlPlane.convergence(release: context.ordinal("release"), by: context.requireCaller()))
    }

    @Sendable private func proxies(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<Page<ProxyRecord>> {
        JSONAnswer(Page(items: try await controlPlane.proxies(by: context.requireCaller())))
    }
}
