import ControlAPITypes
import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import Resources

struct ArtifactRoutes: Sendable {
    let controlPlane: ControlPlane

    private static let mediaType = "application/octet-stream"
    private static let digest = QueryParameter(
        "digest", "What the bytes must hash to; refused when they don't.", ArtifactDigest.schema)

    var operations: [Operation] {
        [
            Operation(
                .get, "artifacts", "listArtifacts", "List artifacts, by digest.", for: .role(.viewer),
                query: QueryParameter.page
            ) { call in try await controlPlane.artifacts(call.page(), by: call.caller()) },
            Operation(
                .post, "artifacts", "pushArtifact", "Push an artifact, and be told its digest.",
                details: "The same bytes again change nothing, but mend a damaged copy: no idempotency key is needed.",
                for: .role(.operator), query: [Self.digest],
                body: .raw(mediaType: Self.mediaType, about: "The artifact itself, of any size up to the store's."),
                status: .created, refuses: [.tooLarge, .outcomeUnknown], push),
            Operation(
                .get, "artifacts/{digest}", "getArtifact", "Show what is known of an artifact.", for: .role(.viewer),
                refuses: [.notFound]
            ) { call in try await controlPlane.artifact(call.parameter("digest"), by: call.caller()) },
            Operation(
                .get, "artifacts/{digest}/content", "pullArtifact", "Fetch an artifact's bytes.",
                details: "Every byte is checked before the first is sent; a damaged one is refused by name.",
                for: .role(.viewer), answer: .raw(mediaType: Self.mediaType, about: "The artifact itself."),
                refuses: [.notFound], respond: pull),
            Operation(
                .post, "artifacts/{digest}/verify", "verifyArtifact", "Hash an artifact anew.",
                details: "Changes nothing.", for: .role(.viewer), refuses: [.notFound]
            ) { call in try await controlPlane.inspectArtifact(call.parameter("digest"), by: call.caller()) },
        ]
    }

    @Sendable private func push(_ call: Call) async throws -> Artifact {
        let expected = try call.query("digest").map { try ArtifactDigest(validating: $0) }
        return try await controlPlane.pushArtifact(
            call.request.body.map { Array($0.readableBytesView) }, expected: expected, by: call.caller())
    }

    @Sendable private func pull(_ call: Call) async throws -> Response {
        let (artifact, reader) = try await controlPlane.openArtifact(call.parameter("digest"), by: call.caller())
        let body = ResponseBody(contentLength: Int(artifact.size)) { writer in
            while let chunk = try await reader.next() { try await writer.write(ByteBuffer(bytes: chunk)) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: Self.mediaType], body: body)
    }
}
