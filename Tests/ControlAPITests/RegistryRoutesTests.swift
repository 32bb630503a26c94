import ControlAPIClient
import ControlAPITypes
import ControlPlane
import Digests
import Foundation
import Resources
import Testing

@Suite("The registry over HTTP")
struct RegistryRoutesTests {
    private static let strangeName = "Credit & risk? 50%#ü+'\""

    @Test("A model is created, shown, listed, annotated and deleted under any name that is valid")
    func models() async throws {
        try await RegistryAPIFixture.with { fixture in
            let client = fixture.client
            let name = try ModelName(validating: Self.strangeName)
            let created = try await client.createModel(ModelDraft(name: name), reason: "why & how")
            #expect(created.createdBy == "ada")
            #expect(try await client.model(name) == created)
            let tagged = try await client.annotateModel(name, Annotations(setTags: ["a": "b"]))
            #expect(tagged.tags == ["a": "b"])
            #expect(try await client.models(PageRequest()).items == [tagged])
            #expect(try await client.deleteModel(name).deleted)
            #expect(try await client.models(PageRequest()).items.isEmpty)
            let entries = try await client.auditEntries(subject: Self.strangeName, PageRequest()).items
            #expect(entries.map(\.action) == ["model.delete", "model.annotate", "model.create"])
            #expect(entries.last?.reason == "why & how")
            #expect(try await client.verifyAudit().fault == nil)
        }
    }

    @Test("A registration that is sent twice with one idempotency key makes one version")
    func idempotency() async throws {
        try await RegistryAPIFixture.with { fixture in
            let name = try ModelName(validating: "fraud")
            _ = try await fixture.client.createModel(ModelDraft(name: name))
            let url = fixture.url + "/api/v1/models/fraud/versions"
            let headers = ["idempotency-key": "job-1", "content-type": "application/json"]
            let body = Data(#"{"commit": "abc"}"#.utf8)
            let first = try await RawAnswer.of("POST", url, headers: headers, body: body)
            let second = try await RawAnswer.of("POST", url, headers: headers, body: body)
            #expect(first.status == 201)
            #expect(first.body == second.body)
            #expect(try await fixture.client.versions(of: name, PageRequest()).items.count == 1)
            let other = try await RawAnswer.of("POST", url, headers: headers, body: Data("{}".utf8))
            #expect(other.status == 409)
            let wrong = try await RawAnswer.of("POST", url, headers: ["idempotency-key": "a b"], body: body)
            #expect(wrong.status == 400)
        }
    }

    @Test("An artifact of several megabytes is streamed in and out, and arrives as it was")
    func artifacts() async throws {
        try await RegistryAPIFixture.with { fixture in
            let file = fixture.artifactDirectory.appendingPathExtension("source")
            defer { try? FileManager.default.removeItem(at: file) }
            var bytes = [UInt8](repeating: 0, count: 20 << 20)
            for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 7 &+ index >> 9) }
            try Data(bytes).write(to: file)
            let artifact = try await fixture.client.pushArtifact(file)
            #expect(artifact.size == 20 << 20)
            #expect(artifact.digest.hex == SHA256Digest.hash(bytes).hex)
            let pulled = try await fixture.client.pullArtifact(artifact.digest)
            defer { try? FileManager.default.removeItem(at: pulled) }
            #expect(try Data(contentsOf: pulled) == Data(bytes))
        }
    }

    @Test("A damaged artifact is refused by name, before its first byte is sent")
    func damage() async throws {
        try await RegistryAPIFixture.with { fixture in
            let url = fixture.url + "/api/v1/artifacts"
            let pushed = try await RawAnswer.of("POST", url, body: Data("weights".utf8))
            #expect(pushed.status == 201)
            let digest = try ArtifactDigest(validating: "sha256:" + SHA256Digest.hash("weights").hex)
            let file = fixture.artifactDirectory
                .appendingPathComponent("sha256/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))")
            try Data("Weights".utf8).write(to: file)
            let pulled = try await RawAnswer.of("GET", "\(url)/\(digest)/content")
            #expect(pulled.status == 503)
            #expect(pulled.body.contains(digest.rawValue))
            #expect(!pulled.body.contains(fixture.artifactDirectory.path))
            #expect(try await fixture.client.verifyArtifact(digest).damage != nil)
        }
    }

    @Test("What doesn't hash to the digest that was announced is refused")
    func announcedDigest() async throws {
        try await RegistryAPIFixture.with { fixture in
            let digest = "sha256:" + SHA256Digest.hash("other").hex
            let answer = try await RawAnswer.of(
                "POST", fixture.url + "/api/v1/artifacts?digest=\(digest)", body: Data("weights".utf8))
            #expect(answer.status == 400)
            #expect(answer.body.contains(SHA256Digest.hash("weights").hex))
        }
    }

    @Test(
        "No path, however encoded, leads to a file that isn't an artifact",
        arguments: [
            "sha256:..%2f..%2f..%2fetc%2fpasswd", "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd",
            "sha256%3a%252e%252e%252fpasswd", "sha256:..\\..\\passwd", "incoming",
        ])
    func traversal(path: String) async throws {
        try await RegistryAPIFixture.with { fixture in
            let answer = try await RawAnswer.of(
                "GET", fixture.url + "/api/v1/artifacts/\(path.replacingOccurrences(of: "\\", with: "%5c"))/content")
            #expect([400, 404].contains(answer.status))
            #expect(answer.body.contains("\"error\""))
        }
    }

    @Test("Whoever shows no token, a wrong one or a revoked one is nobody; a viewer may look and not touch")
    func tokens() async throws {
        try await RegistryAPIFixture.with(asksForTokens: true) { fixture in
            let root = Caller(actor: "root", role: .admin)
            let admin = try await fixture.controlPlane.createToken(name: "a", role: .admin, lifetime: nil, by: root)
            let viewer = try await fixture.controlPlane.createToken(name: "v", role: .viewer, lifetime: nil, by: root)
            let url = fixture.url + "/api/v1/models"
            let body = Data(#"{"name": "fraud"}"#.utf8)
            func status(_ method: String, _ secret: String?) async throws -> Int {
                var headers = ["content-type": "application/json"]
                headers["authorization"] = secret.map { "Bearer \($0)" }
                return try await RawAnswer.of(
                    method, url, headers: headers, body: method == "POST" ? body : nil
                ).status
            }
            #expect(try await status("GET", nil) == 401)
            #expect(try await status("GET", "tko_000000000000_" + String(repeating: "0", count: 64)) == 401)
            #expect(try await status("GET", viewer.secret) == 200)
            #expect(try await status("POST", viewer.secret) == 403)
            #expect(try await status("POST", admin.secret) == 201)
            let client = try APIClient(url: fixture.url, token: admin.secret)
            #expect(try await client.model(ModelName(validating: "fraud")).createdBy == "a")
            let made = try await client.createToken(TokenDraft(name: "x", role: .viewer, lifetime: .seconds(60)))
            #expect(try await status("GET", made.secret) == 200)
            #expect(try await client.revokeToken(made.token.id).revokedBy == "a")
            #expect(try await status("GET", made.secret) == 401)
            #expect(try await client.tokens(PageRequest()).items.count == 3)
        }
    }

    @Test(
        "Faults carry their code, and their status",
        arguments: [
            ("GET", "models/none", "", 404, "not_found"),
            ("GET", "models/a%2Fb", "", 400, "invalid"),
            ("GET", "models/none/versions/0", "", 400, "invalid"),
            ("GET", "models?limit=0", "", 400, "invalid"),
            ("POST", "models", #"{"name": "x", "tags": {"": "v"}}"#, 400, "invalid"),
            ("POST", "models", #"{"nam": "x"}"#, 400, "invalid"),
            ("PUT", "models/none/aliases/latest", #"{"version": 1}"#, 400, "invalid"),
            ("DELETE", "tokens/none", "", 404, "not_found"),
            ("GET", "audit?cursor=x", "", 400, "invalid"),
            ("GET", "artifacts/sha256:00/content", "", 400, "invalid"),
        ])
    func faults(method: String, path: String, body: String, status: Int, code: String) async throws {
        try await RegistryAPIFixture.with { fixture in
            let answer = try await RawAnswer.of(
                method, "\(fixture.url)/api/v1/\(path)", body: body.isEmpty ? nil : Data(body.utf8))
            #expect(answer.status == status)
            #expect(answer.body.contains("\"code\":\"\(code)\""))
        }
    }
}
