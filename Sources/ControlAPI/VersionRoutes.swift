import ControlAPITypes
import ControlPlane
import Hummingbird
import Resources

struct VersionRoutes: Sendable {
    let controlPlane: ControlPlane

    func add(to group: RouterGroup<APIContext>) {
        group.get("models/:model/versions", use: list)
        group.post("models/:model/versions", use: register)
        group.get("models/:model/versions/:version", use: show)
        group.patch("models/:model/versions/:version", use: annotate)
        group.delete("models/:model/versions/:version", use: delete)
    }

    @Sendable private func list(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<Page<ModelVersion>> {
        JSONAnswer(
            try await controlPlane.versions(
                of: context.parameter("model", as: ModelName.self), request.page(), by: context.requireCaller()))
    }

    @Sendable private func register(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<ModelVersion> {
        let draft = try await request.body(as: VersionDraft.self, context)
        return JSONAnswer(
            try await controlPlane.registerVersion(
                of: context.parameter("model", as: ModelName.self), draft, key: request.idempotencyKey(),
                reason: request.reason(), by: context.requireCaller()),
            status: .created)
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ModelVersion> {
        JSONAnswer(try await controlPlane.version(context.versionReference(), by: context.requireCaller()))
    }

    @Sendable private func annotate(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<ModelVersion> {
        let annotations = try await request.body(as: Annotations.self, context)
        return JSONAnswer(
            try await controlPlane.annotateVersion(
                context.versionReference(), annotations, reason: request.reason(), by: context.requireCaller()))
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Deletion> {
        try await controlPlane.deleteVersion(
            context.versionReference(), reason: request.reason(), by: context.requireCaller())
        return JSONAnswer(Deletion(deleted: true))
    }
}
