import Foundation
import Resources
import TestSupport
import Testing

@testable import Commands

@Suite("Commands whose answers get lost")
struct LostAnswerTests {
    /// Runs a command through a relay that loses its first answers.
    private static func run(
        _ server: RegistryServer, cuts: Int = 2, _ arguments: String...
    ) async throws -> (run: CommandRun, cuts: Int) {
        let port = try #require(server.url.split(separator: ":").last.flatMap { UInt16($0) })
        let relay = try CuttingRelay(to: port, cuts: cuts)
        defer { relay.stop() }
        let run = await CommandRun.of(
            arguments, variables: ["TURNOUT_URL": "http://127.0.0.1:\(relay.port)", "TURNOUT_ACTOR": "ada"])
        return (run, relay.cutCount)
    }

    @Test("A change whose answer gets lost after its commit is made once, and told as if nothing had happened")
    func once() async throws {
        try await RegistryServer.with { server in
            let created = try await Self.run(server, "model", "create", "fraud")
            #expect(created.run.exit == 0, "\(created.run.error)")
            #expect(created.run.output == "fraud\n")
            #expect(created.cuts == 2)
            #expect(created.run.error.contains("asking again (1 of 5)"))
            // The model is looked at first, so the third answer is the registration's.
            let registered = try await Self.run(server, cuts: 4, "version", "register", "fraud", "--commit", "a")
            #expect(registered.run.output == "fraud/1\n")
            let alias = try await Self.run(server, "alias", "set", "fraud@champion", "1", "--expected", "0")
            #expect(alias.run.exit == 0, "\(alias.run.error)")
            let tagged = try await Self.run(server, "version", "tag", "fraud/1", "a=b")
            #expect(tagged.run.exit == 0)
            let gone = try await Self.run(server, "alias", "delete", "fraud@champion")
            #expect(gone.run.output == "deleted fraud@champion\n")
            let deleted = try await Self.run(server, "version", "delete", "fraud/1")
            #expect(deleted.run.output == "deleted fraud/1\n")
            let log = await server.run("audit", "--output", "json").output
            let actions = try JSONDecoder().decode([AuditEntry].self, from: Data(log.utf8)).map(\.action)
            #expect(
                actions == [
                    "version.delete", "alias.delete", "version.annotate", "alias.set", "version.register",
                    "model.create",
                ])
        }
    }

    @Test("Applying, promoting, rolling back and resuming through lost answers makes one release each")
    func releases() async throws {
        try await RegistryServer.with { server in
            _ = await server.run("model", "create", "fraud")
            for _ in 0..<2 { _ = await server.run("version", "register", "fraud") }
            let file = try server.file(
                "fraud.yaml",
                """
                apiVersion: turnout/v1
                kind: Endpoint
                metadata: { name: fraud }
                spec:
                  backends: ["http://127.0.0.1:{version}000"]
                  variants:
                    - { name: champion, model: fraud/1, traffic: rest }
                    - { name: challenger, model: fraud/2, traffic: 10 }

                """)
            #expect(try await Self.run(server, "apply", file).run.output.hasSuffix("\nRelease 1.\n"))
            #expect(try await Self.run(server, "promote", "fraud", "challenger").run.output.contains("Release 2."))
            #expect(try await Self.run(server, "rollback", "fraud").run.output.contains("Release 3."))
            #expect(try await Self.run(server, "resume", "fraud").run.exit == 0)
            let releases = await server.run("releases", "--output", "json").output
            let numbers = try JSONDecoder().decode([Release].self, from: Data(releases.utf8)).map(\.number)
            #expect(numbers == [3, 2, 1])
        }
    }

    @Test("A token whose secret got lost is not made twice: the refusal names the one to revoke")
    func token() async throws {
        try await RegistryServer.with { server in
            let made = try await Self.run(server, "token", "create", "ci", "--role", "viewer")
            #expect(made.run.exit == 1)
            let list = await server.run("token", "list", "--output", "json").output
            let tokens = try JSONDecoder().decode([ApiToken].self, from: Data(list.utf8))
            #expect(tokens.count == 1)
            #expect(made.run.error.contains(tokens.first?.id ?? "?"))
        }
    }

    @Test("When every answer gets lost, the command ends in 1 and says that the change may have been made")
    func givesUp() async throws {
        try await RegistryServer.with { server in
            let run = try await Self.run(server, cuts: 100, "model", "create", "fraud").run
            #expect(run.exit == 1)
            #expect(run.error.contains("asking again (5 of 5)"))
            #expect(run.error.contains("look whether it was made"))
        }
    }
}
