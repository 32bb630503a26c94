import ControlAPI
import ControlAPIClient
import ControlAPITestSupport
import ControlAPITypes
import ControlPlane
import Foundation
import Resources
import Testing

@Suite("The API's own document")
struct DocumentTests {
    private static func document() async throws -> OpenAPIDocument {
        try await APIFixture.with { $0.document }
    }

    @Test("Document and router name the same operations, both ways")
    func sameRoutes() async throws {
        try await APIFixture.with { api in
            let paths = api.document.tree["paths"]?.members ?? [:]
            let documented = paths.flatMap { path, methods in
                methods.members.keys.map { "\($0.uppercased()) \(path)" }
            }
            let routed = api.routes.map { "\($0.method) \($0.path)" }
            #expect(documented.sorted() == routed.sorted())
            #expect(routed.count > 40)
        }
    }

    @Test("Every operation, type and field of the wire has words")
    func words() async throws {
        let document = try await Self.document()
        #expect(document.gaps.isEmpty, "\(document.gaps.joined(separator: "\n"))")
        #expect(document.schemas.count > 50)
    }

    @Test("Every name of an operation is its own")
    func operationIDs() async throws {
        let paths = try await Self.document().tree["paths"]?.members ?? [:]
        let ids = paths.values.flatMap(\.members.values).compactMap { $0["operationId"]?.text }
        #expect(Set(ids).count == ids.count)
    }

    @Test("Every example fits its schema")
    func examples() async throws {
        let document = try await Self.document()
        let check = SchemaCheck(document: document.tree)
        var count = 0
        for (path, methods) in document.tree["paths"]?.members ?? [:] {
            for (method, operation) in methods.members {
                let contents =
                    [operation["requestBody"]] + (operation["responses"]?.members.values.map { $0 } ?? [])
                for media in contents.compactMap({ $0?["content"]?["application/json"] }) {
                    guard let example = media["example"], let schema = media["schema"] else { continue }
                    count += 1
                    #expect(check.faults(example, schema) == [], "\(method) \(path)")
                }
            }
        }
        #expect(count > 50)
    }

    @Test("The document is served to everyone, as it is")
    func served() async throws {
        try await APIFixture.with(access: AccessTests.tokens) { api in
            let answer = try await RawAnswer.of("GET", api.url + "/api/openapi.json")
            #expect(answer.status == 200)
            let tree = try JSONDecoder().decode(JSONTree.self, from: Data(answer.body.utf8))
            #expect(tree["openapi"] == "3.1.0")
            #expect(tree["paths"] == api.document.tree["paths"])
        }
    }

    @Test("The role that the document names is the least that an operation takes", arguments: Role.allCases)
    func roles(_ role: Role) async throws {
        let access = Access.tokens { _ in Caller(actor: "x", role: role) }
        try await APIFixture.with(access: access) { api in
            for (path, methods) in api.document.tree["paths"]?.members ?? [:] {
                for (method, operation) in methods.members {
                    guard let name = operation["x-turnout-role"]?.text else { continue }
                    let required = try #require(Role(rawValue: name))
                    // What is let in is not looked at further: there is no database here.
                    guard !role.includes(required) else { continue }
                    let concrete = path.split(separator: "/").map { $0.hasPrefix("{") ? "1" : $0 }
                    let answer = try await RawAnswer.of(
                        method.uppercased(), api.url + "/" + concrete.joined(separator: "/"),
                        headers: ["authorization": "Bearer x"])
                    #expect(answer.status == 403, "\(method) \(path) as \(role)")
                    #expect(answer.body.contains("role \(required.rawValue)"))
                }
            }
        }
    }

    @Test("A parameter or a field that an operation does not have is refused, and what was meant is said")
    func strays() async throws {
        try await APIFixture.with { api in
            let parameter = try await RawAnswer.of("GET", api.url + "/api/v1/models?limt=3")
            #expect(parameter.status == 400)
            #expect(parameter.body.contains("did you mean 'limit'?"))
            let twice = try await RawAnswer.of("GET", api.url + "/api/v1/models?limit=3&limit=4")
            #expect(twice.status == 400)
            let headers = ["content-type": "application/json"]
            let field = try await RawAnswer.of(
                "POST", api.url + "/api/v1/releases", headers: headers,
                body: Data(#"{"endpoints": [], "baseRelese": 3}"#.utf8))
            #expect(field.status == 400)
            #expect(field.body.contains("did you mean 'baseRelease'?"))
        }
    }
}
