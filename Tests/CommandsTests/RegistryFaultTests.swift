import EndpointFiles
import Foundation
import Resources
import Testing

@testable import Commands

@Suite("Faults of endpoint files that only the registry knows")
struct RegistryFaultTests {
    private static func document(_ name: String, _ champion: String, _ challenger: String, host: String) -> String {
        """
        apiVersion: turnout/v1
        kind: Endpoint
        metadata: { name: \(name) }
        spec:
          hosts: [\(host)]
          backends: ["http://127.0.0.1:{version}000"]
          variants:
            - { name: champion, model: \(champion), traffic: rest }
            - name: challenger
              model: \(challenger)
              traffic: 10

        """
    }

    private static func withModel(_ body: @Sendable (RegistryServer) async throws -> Void) async throws {
        try await RegistryServer.with { server in
            _ = await server.run("model", "create", "fraud")
            for _ in 0..<2 { _ = await server.run("version", "register", "fraud") }
            _ = await server.run("model", "create", "bare")
            try await body(server)
        }
    }

    private struct Report: Decodable {
        let valid: Bool
        let diagnostics: [Diagnostic]
    }

    @Test(
        "Plan and apply tell all of them at once, each with file, line, column and what to do",
        arguments: ["plan", "apply"])
    func places(_ command: String) async throws {
        try await Self.withModel { server in
            _ = try server.file("e/a.yaml", Self.document("a", "fruad/1", "fraud/9", host: "a.internal"))
            _ = try server.file("e/b.yaml", Self.document("b", "fraud@best", "bare/1", host: "b.internal"))
            let path = server.directory.appendingPathComponent("e").path
            let run = await server.run(command, path)
            #expect(run.exit == 2)
            #expect(
                run.error == """
                    error: \(path) has faults, so nothing was changed
                      \(path)/a.yaml:8:32: error: the model 'fruad' is not registered
                        8 |     - { name: champion, model: fruad/1, traffic: rest }
                          |                                ^
                        = help: did you mean 'fraud'?
                      \(path)/a.yaml:10:14: error: fraud/9 is not registered; the newest version is fraud/2
                        10 |       model: fraud/9
                           |              ^
                        = expected: a version from 1 to 2
                        = help: 'turnout version list fraud' shows what there is
                      \(path)/b.yaml:8:32: error: the model 'fraud' has no alias 'best'
                        8 |     - { name: champion, model: fraud@best, traffic: rest }
                          |                                ^
                        = help: 'turnout alias set fraud@best VERSION' makes it; 'turnout alias list fraud' shows what there is
                      \(path)/b.yaml:10:14: error: the model 'bare' has no versions yet
                        10 |       model: bare/1
                           |              ^
                        = help: 'turnout version register bare' makes the first

                    """)
            let json = await server.run(command, path, "--output", "json")
            #expect(json.exit == 2 && json.error.isEmpty)
            let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
            #expect(!report.valid)
            #expect(report.diagnostics.map(\.code) == [.unknownModel, .unknownVersion, .unknownAlias, .unknownVersion])
            #expect(await server.run("releases").output == "There are no releases yet.\n")
        }
    }

    @Test("A value that an overlay sets is blamed on the overlay's line") func overlay() async throws {
        try await Self.withModel { server in
            _ = try server.file("e/a.yaml", Self.document("a", "fraud/1", "fraud/2", host: "a.internal"))
            _ = try server.file(
                "e/environments/production.yaml",
                """
                apiVersion: turnout/v1
                kind: Overlay
                metadata: { name: a }
                spec:
                  variants: [{ name: challenger, model: fraud/7 }]

                """)
            let path = server.directory.appendingPathComponent("e").path
            let run = await server.run("plan", path, "--env", "production")
            #expect(run.exit == 2)
            #expect(
                run.error.contains(
                    "\(path)/environments/production.yaml:5:41: error: fraud/7 is not registered; the newest version is fraud/2"
                ))
        }
    }

    @Test(
        "A host that an endpoint of other files has is blamed on the newcomer's line, a deleted version on its variant's"
    )
    func hostsAndDeletions() async throws {
        try await Self.withModel { server in
            let first = try server.file("one/a.yaml", Self.document("a", "fraud/1", "fraud/1", host: "a.internal"))
            #expect(await server.run("apply", first).exit == 0)
            #expect(await server.run("version", "delete", "fraud/2").exit == 0)
            let second = try server.file("two/b.yaml", Self.document("b", "fraud/1", "fraud/1", host: "a.internal"))
            let claimed = await server.run("plan", second)
            #expect(claimed.exit == 2)
            #expect(
                claimed.error.contains("b.yaml:5:10: error: the host 'a.internal' belongs to the endpoint 'a'"))
            let third = try server.file("two/c.yaml", Self.document("c", "fraud/1", "fraud/2", host: "c.internal"))
            #expect(await server.run("apply", third).error.contains("c.yaml:10:14: error: fraud/2 was deleted"))
        }
    }

    @Test("Backends that turn out the same once an alias is resolved are blamed on the variant")
    func doubledBackend() async throws {
        try await Self.withModel { server in
            _ = await server.run("alias", "set", "fraud@best", "1")
            let text = Self.document("a", "fraud@best", "fraud/2", host: "a.internal")
                .replacing("{version}000\"", with: "{version}000\", \"http://127.0.0.1:1000\"")
            let run = await server.run("plan", try server.file("a.yaml", text))
            #expect(run.exit == 2)
            #expect(run.error.contains("a.yaml:8:32: error: variant 'champion' lists the backend"))
        }
    }
}
