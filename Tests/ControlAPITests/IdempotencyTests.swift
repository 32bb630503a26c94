import ControlAPI
import ControlAPIClient
import ControlAPITypes
import Foundation
import Resources
import Testing

@Suite("Idempotency keys and etags")
struct IdempotencyTests {
    /// What changes nothing, or makes the same of the same by itself.
    private static let withoutKey: Set = ["plan", "pushArtifact", "verifyArtifact", "verifyAudit", "reportProxy"]

    @Test("Every operation that changes something takes a key")
    func everyOperation() async throws {
        try await APIFixture.with { api in
            for methods in (api.document.tree["paths"]?.members ?? [:]).values {
                for (method, operation) in methods.members where method != "get" {
                    let id = operation["operationId"]?.text ?? "?"
                    let headers = operation["parameters"]?.items.filter { $0["in"] == "header" } ?? []
                    let takesKey = headers.contains { $0["name"]?.text == APIHeader.idempotencyKey }
                    #expect(takesKey != Self.withoutKey.contains(id), "\(id)")
                }
            }
        }
    }

    /// Changes in an order in which each finds what it needs; the second body is another request.
    private static let changes: [(method: String, path: String, body: String, other: String)] = [
        ("POST", "models", #"{"name": "fraud"}"#, #"{"name": "froud"}"#),
        ("PATCH", "models/fraud", #"{"description": "a"}"#, #"{"description": "b"}"#),
        ("POST", "models/fraud/versions", #"{"commit": "a"}"#, #"{"commit": "b"}"#),
        ("PATCH", "models/fraud/versions/1", #"{"description": "a"}"#, #"{"description": "b"}"#),
        ("PUT", "models/fraud/aliases/champion", #"{"version": 1}"#, #"{"version": 1, "expected": 1}"#),
        ("POST", "releases", endpoint("90", "10"), endpoint("80", "20")),
        ("POST", "endpoints/fraud/promote", #"{"variant": "b"}"#, #"{"variant": "a"}"#),
        ("POST", "endpoints/fraud/rollback", #"{"toRevision": 1}"#, "{}"),
        ("POST", "endpoints/fraud/resume", "{}", #"{"reason": "why"}"#),
        ("POST", "releases/rollback", #"{"release": 1}"#, #"{"release": 2}"#),
    ]

    private static func endpoint(_ a: String, _ b: String) -> String {
        """
        {"endpoints": [{"name": "fraud", "spec": {"hosts": [], "timeout": "1s", "overrides": [],
        "retry": {"attempts": 0, "on": [], "budget": 20}, "variants": [
        {"name": "a", "model": "fraud/1", "traffic": \(a), "backends": ["http://127.0.0.1:1"]},
        {"name": "b", "model": "fraud/1", "traffic": \(b), "backends": ["http://127.0.0.1:2"]}]}}]}
        """
    }

    @Test("Each change sent twice with one key is answered the same and made once; with another body it is refused")
    func twice() async throws {
        try await RegistryAPIFixture.with { fixture in
            for (index, change) in Self.changes.enumerated() {
                let url = "\(fixture.url)/api/v1/\(change.path)"
                let headers = ["idempotency-key": "key-\(index)", "content-type": "application/json"]
                func send(_ body: String) async throws -> RawAnswer {
                    try await RawAnswer.of(change.method, url, headers: headers, body: Data(body.utf8))
                }
                let first = try await send(change.body)
                #expect([200, 201].contains(first.status), "\(change.method) \(change.path): \(first.body)")
                let entries = try await fixture.client.auditEntries(subject: nil, PageRequest(limit: 1)).items
                let second = try await send(change.body)
                #expect(second.status == first.status && second.body == first.body, "\(change.path)")
                let other = try await send(change.other)
                #expect(other.status == 409, "\(change.method) \(change.path): \(other.body)")
                let after = try await fixture.client.auditEntries(subject: nil, PageRequest(limit: 1)).items
                #expect(after == entries, "\(change.path)")
            }
        }
    }

    @Test("Each deletion sent twice with one key is answered the same")
    func deletions() async throws {
        try await RegistryAPIFixture.with { fixture in
            let name = try ModelName(validating: "fraud")
            _ = try await fixture.client.createModel(ModelDraft(name: name))
            _ = try await fixture.client.registerVersion(of: name, VersionDraft())
            _ = try await fixture.client.setAlias(
                name, AliasName(validating: "champion"), AliasAssignment(version: 1))
            let token = try await fixture.client.createToken(TokenDraft(name: "x", role: .viewer)).token.id
            let paths = [
                "models/fraud/aliases/champion", "models/fraud/versions/1", "models/fraud", "tokens/\(token)",
            ]
            for (index, path) in paths.enumerated() {
                var answers: [RawAnswer] = []
                for _ in 0..<2 {
                    answers.append(
                        try await RawAnswer.of(
                            "DELETE", "\(fixture.url)/api/v1/\(path)", headers: ["idempotency-key": "key-\(index)"]))
                }
                #expect(answers.map(\.status) == [200, 200], "\(path)")
                #expect(answers[0].body == answers[1].body)
                let another = try await RawAnswer.of(
                    "DELETE", "\(fixture.url)/api/v1/\(path)?reason=other",
                    headers: ["idempotency-key": "key-\(index)"])
                #expect(another.status == 409, "\(path)")
            }
        }
    }

    @Test("A change of what someone else has changed since is refused with 412, and says who it was")
    func etags() async throws {
        try await RegistryAPIFixture.with { fixture in
            let name = try ModelName(validating: "fraud")
            _ = try await fixture.client.createModel(ModelDraft(name: name))
            _ = try await fixture.client.registerVersion(of: name, VersionDraft())
            _ = try await fixture.client.setAlias(
                name, AliasName(validating: "champion"), AliasAssignment(version: 1))
            let cases = [
                ("models/fraud", "PATCH", #"{"description": "mine"}"#),
                ("models/fraud/versions/1", "PATCH", #"{"description": "mine"}"#),
                ("models/fraud", "DELETE", ""), ("models/fraud/versions/1", "DELETE", ""),
                ("models/fraud/aliases/champion", "DELETE", ""),
                ("models/fraud/aliases/champion", "PUT", #"{"version": 1}"#),
            ]
            for (path, method, body) in cases {
                let url = "\(fixture.url)/api/v1/\(path)"
                func send(_ tag: String) async throws -> RawAnswer {
                    try await RawAnswer.of(
                        method, url, headers: ["if-match": tag, "content-type": "application/json"],
                        body: body.isEmpty ? nil : Data(body.utf8))
                }
                let stale = "\"\(String(repeating: "0", count: 32))\""
                let refused = try await send(stale)
                #expect(refused.status == 412, "\(method) \(path)")
                #expect(refused.body.contains("by ada at"), "\(refused.body)")
                #expect(try await send("W/\(stale)").status == 412)
                #expect(try await send("unquoted").status == 400)
                guard method != "DELETE" else { continue }
                let seen = try #require(try await RawAnswer.of("GET", url).headers["etag"])
                let done = try await send("\(stale), \(seen)")
                #expect(done.status == 200, "\(done.body)")
                #expect(try await RawAnswer.of("GET", url).headers["etag"] == done.headers["etag"])
                #expect(try await send("*").status == 200)
            }
        }
    }
}
