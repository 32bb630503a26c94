import ControlAPITypes
import ControlPlane
import Hummingbird
import Resources

struct EndpointRoutes: Sendable {
    let controlPlane: ControlPlane

    func add(to group: RouterGroup<APIContext>) {
        group.get("endpoints", use: list)
        group.get("endpoints/:endpoint", use: show)
        group.get("endpoints/:endpoint/revisions", use: history)
        group.get("endpoints/:endpoint/diff", use: diff)
        group.get("endpoints/:endpoint/explain", use: explain)
        group.post("endpoints/:endpoint/promote", use: promote)
        group.post("endpoints/:endpoint/rollback", use: rollback)
        group.post("endpoints/:endpoint/resume", use: resume)
    }

    @Sendable private func list(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<Page<EndpointStatus>> {
        JSONAnswer(try await controlPlane.statuses(request.page(), by: context.requireCaller()))
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<EndpointStatus> {
        JSONAnswer(try await controlPlane.status(of: name(context), by: context.requireCaller()))
    }

    @Sendable private func history(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<Page<Revision>> {
        JSONAnswer(try await controlPlane.history(of: name(context), request.page(), by: context.requireCaller()))
    }

    /// `?from=3&to=4`
    @Sendable private func diff(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<RevisionDifference> {
        guard let from = try request.whole("from"), let to = try request.whole("to") else {
            throw TurnoutError(.invalid, "from and to are missing: expected two revision numbers.")
        }
        return JSONAnswer(
            try await controlPlane.diff(of: name(context), from: from, to: to, by: context.requireCaller()))
    }

    /// `?key=user-42&at=2026-11-01T10:00Z`; without `at` for now.
    @Sendable private func explain(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Explanation> {
        guard let key = request.query("key") else {
            throw TurnoutError(.invalid, "key is missing: expected the routing key to explain.")
        }
        var moment: Timestamp?
        if let text = request.query("at") {
            guard let parsed = Timestamp(parsing: text) else {
                throw TurnoutError(.invalid, "at is '\(text)': expected an RFC 3339 time such as 2026-11-01T10:00Z.")
            }
            moment = parsed
        }
        return JSONAnswer(
            try await controlPlane.explain(name(context), key: key, at: moment, by: context.requireCaller()))
    }

    @Sendable private func promote(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<ChangeOutcome> {
        JSONAnswer(
            try await controlPlane.promote(
                name(context), request.body(as: PromoteRequest.self, context), key: request.idempotencyKey(),
                by: context.requireCaller()))
    }

    @Sendable private func rollback(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<ChangeOutcome> {
        JSONAnswer(
            try await controlPlane.rollback(
                name(context), request.body(as: RollbackRequest.self, context), key: request.idempotencyKey(),
                by: context.requireCaller()))
    }

    @Sendable private func resume(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ChangeOutcome> {
        JSONAnswer(
            try await controlPlane.resume(
                name(context), request.body(as: ResumeRequest.self, context), key: request.idempotencyKey(),
                by: context.requireCaller()))
    }

    private func name(_ context: APIContext) throws -> EndpointName {
        try context.parameter("endpoint", as: EndpointName.self)
    }
}
