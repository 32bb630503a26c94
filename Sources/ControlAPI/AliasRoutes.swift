import ControlAPITypes
import ControlPlane
import Hummingbird
import Resources

struct AliasRoutes: Sendable {
    let controlPlane: ControlPlane

    func add(to group: RouterGroup<APIContext>) {
        group.get("models/:model/aliases", use: list)
        group.get("models/:model/aliases/:alias", use: show)
        group.put("models/:model/aliases/:alias", use: set)
        group.delete("models/:model/aliases/:alias", use: delete)
        group.get("models/:model/aliases/:alias/history", use: history)
    }

    @Sendable private func list(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<Page<ModelAlias>> {
        JSONAnswer(
            try await controlPlane.aliases(
                of: context.parameter("model", as: ModelName.self), request.page(), by: context.requireCaller()))
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ModelAlias> {
        let (model, alias) = try names(context)
        return JSONAnswer(try await controlPlane.alias(model, alias, by: context.requireCaller()))
    }

    @Sendable private func set(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ModelAlias> {
        let (model, alias) = try names(context)
        let assignment = try await request.body(as: AliasAssignment.self, context)
        return JSONAnswer(
            try await controlPlane.setAlias(
                alias, to: VersionReference(model: model, version: assignment.version),
                expected: AliasExpectation(number: assignment.expected), reason: request.reason(),
                by: context.requireCaller()))
    }

    /// `?expected=N`
    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Deletion> {
        let (model, alias) = try names(context)
        let expected = try request.whole("expected")
        return JSONAnswer(
            Deletion(
                deleted: try await controlPlane.deleteAlias(
                    model, alias, expected: AliasExpectation(number: expected), reason: request.reason(),
                    by: context.requireCaller())))
    }

    @Sendable private func history(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<Page<AliasChange>> {
        let (model, alias) = try names(context)
        return JSONAnswer(
            try await controlPlane.aliasChanges(model, alias, request.page(), by: context.requireCaller()))
    }

    private func names(_ context: APIContext) throws -> (ModelName, AliasName) {
        (try context.parameter("model", as: ModelName.self), try context.parameter("alias", as: AliasName.self))
    }
}
