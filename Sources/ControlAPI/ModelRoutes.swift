import ControlAPITypes
import ControlPlane
import Hummingbird
import Resources

struct ModelRoutes: Sendable {
    let controlPlane: ControlPlane

    func add(to group: RouterGroup<APIContext>) {
        group.get("models", use: list)
        group.post("models", use: create)
        group.get("models/:model", use: show)
        group.patch("models/:model", use: annotate)
        group.delete("models/:model", use: delete)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Page<Model>> {
        JSONAnswer(try await controlPlane.models(request.page(), by: context.requireCaller()))
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Model> {
        let draft = try await request.body(as: ModelDraft.self, context)
        return JSONAnswer(
            try await controlPlane.createModel(draft, reason: request.reason(), by: context.requireCaller()),
            status: .created)
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Model> {
        JSONAnswer(
            try await controlPlane.model(context.parameter("model", as: ModelName.self), by: context.requireCaller()))
    }

    @Sendable private func annotate(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Model> {
        let annotations = try await request.body(as: Annotations.self, context)
        return JSONAnswer(
            try await controlPlane.annotateModel(
                context.parameter("model", as: ModelName.self), annotations, reason: request.reason(),
                by: context.requireCaller()))
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Deletion> {
        try await controlPlane.deleteModel(
            context.parameter("model", as: ModelName.self), reason: request.reason(), by: context.requireCaller())
        return JSONAnswer(Deletion(deleted: true))
    }
}
