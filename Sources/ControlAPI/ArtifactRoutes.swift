import ControlAPITypes
import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import Resources

struct ArtifactRoutes: Sendable {
    let controlPlane: ControlPlane

    func add(to group: RouterGroup<APIContext>) {
        group.get("artifacts", use: list)
        group.post("artifacts", use: push)
        group.get("artifacts/:digest", use: show)
        group.get("artifacts/:digest/content", use: pull)
        group.post("artifacts/:digest/verify", use: verify)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Page<Artifact>> {
        JSONAnswer(try await controlPlane.artifacts(request.page(), by: context.requireCaller()))
    }

    /// The body is the artifact itself, of any size up to the store's limit. `?digest=` says what it must hash to.
    @Sendable private func push(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Artifact> {
        let expected = try request.query("digest").map { try ArtifactDigest(validating: $0) }
        return JSONAnswer(
            try await controlPlane.pushArtifact(
                request.body.map { Array($0.readableBytesView) }, expected: expected, by: context.requireCaller()),
            status: .created)
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<Artifact> {
        JSONAnswer(try await controlPlane.artifact(digest(context), by: context.requireCaller()))
    }

    @Sendable private func pull(_ request: Request, _ context: APIContext) async throws -> Response {
        let (artifact, reader) = try await controlPlane.openArtifact(digest(context), by: context.requireCaller())
        let body = ResponseBody(contentLength: Int(artifact.size)) { writer in
            while let chunk = try await reader.next() { try await writer.write(ByteBuffer(bytes: chunk)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/octet-stream"], body: body)
    }

    @Sendable private func verify(
        _ request: Request, _ context: APIContext
    ) async throws -> JSONAnswer<ArtifactInspection> {
        JSONAnswer(try await controlPlane.inspectArtifact(digest(context), by: context.requireCaller()))
    }

    private func digest(_ context: APIContext) throws -> ArtifactDigest {
        try context.parameter("digest", as: ArtifactDigest.self)
    }
}
