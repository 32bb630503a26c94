import Digests
import Foundation
import RegistryStore
import Resources
import Testing

@testable import Commands

@Suite("The registry's commands")
struct RegistryCommandTests {
    @Test("A version registered with its files is printed, shown, and pulled back byte for byte")
    func register() async throws {
        try await RegistryServer.with { server in
            #expect(await server.run("model", "create", "fraud", "--tag", "team=risk").output == "fraud\n")
            let model = try server.file("model.joblib", "weights")
            _ = try server.file("assets/a.txt", "A")
            _ = try server.file("assets/deep/b.txt", "B")
            let run = await server.run(
                "version", "register", "fraud", "--artifact", model, "--artifact",
                "extra=\(server.directory.path)/assets", "--source", "git+https://example.com/fraud", "--commit",
                "4f1c2d", "--metric", "auc=0.98", "--tag", "k=v", "--reason", "nightly")
            #expect(run.error == "")
            #expect(run.output == "fraud/1\n")
            let shown = await server.run("version", "show", "fraud/1", "--output", "json")
            let version = try JSONDecoder().decode(ModelVersion.self, from: Data(shown.output.utf8))
            #expect(version.commit == "4f1c2d")
            #expect(version.metrics == ["auc": 0.98])
            #expect(version.createdBy == "ada")
            #expect(version.artifacts.map(\.name.rawValue) == ["extra/a.txt", "extra/deep/b.txt", "model.joblib"])
            let to = server.directory.appendingPathComponent("out").path
            #expect(await server.run("artifact", "pull", "fraud/1", "--to", to).exit == 0)
            #expect(try server.content("out/model.joblib") == "weights")
            #expect(try server.content("out/extra/deep/b.txt") == "B")
            let digest = "sha256:" + SHA256Digest.hash("weights").hex
            let one = await server.run(
                "artifact", "pull", digest, "--to", server.directory.appendingPathComponent("one").path)
            #expect(one.exit == 0)
            #expect(try server.content("one") == "weights")
            #expect(await server.run("artifact", "push", model).output == digest + "\n")
        }
    }

    @Test("With a key, registering again registers nothing")
    func key() async throws {
        try await RegistryServer.with { server in
            _ = await server.run("model", "create", "fraud")
            for _ in 0..<2 {
                let run = await server.run("version", "register", "fraud", "--commit", "a", "--key", "job-1")
                #expect(run.output == "fraud/1\n")
            }
            #expect(await server.run("version", "register", "fraud", "--commit", "a").output == "fraud/2\n")
            let reused = await server.run("version", "register", "fraud", "--commit", "b", "--key", "job-1")
            #expect(reused.exit == 4)
        }
    }

    @Test("Lists are tables for people, and arrays for programs")
    func lists() async throws {
        try await RegistryServer.with { server in
            _ = await server.run("model", "create", "fraud", "--description", "Card fraud")
            for commit in ["aa", "bb", "cc"] {
                _ = await server.run("version", "register", "fraud", "--commit", commit)
            }
            _ = await server.run("alias", "set", "fraud@champion", "2")
            let models = await server.run("model", "list").output.split(separator: "\n")
            #expect(models.count == 2)
            #expect(models.last?.contains("champion → 2") == true)
            let versions = await server.run("version", "list", "fraud", "--limit", "2", "--output", "json").output
            let decoded = try JSONDecoder().decode([ModelVersion].self, from: Data(versions.utf8))
            #expect(decoded.map(\.version) == [3, 2])
            #expect(await server.run("version", "list", "fraud").output.contains("fraud/2  champion"))
            #expect(await server.run("version", "show", "fraud@champion").output.contains("bb"))
            #expect(await server.run("version", "list", "fraud", "--output", "yaml").output.contains("commit: bb"))
            #expect(await server.run("alias", "list", "fraud").output.contains("fraud@champion  fraud/2"))
        }
    }

    @Test("An alias that isn't where it is expected stays where it is, with exit code 4")
    func aliases() async throws {
        try await RegistryServer.with { server in
            _ = await server.run("model", "create", "fraud")
            for _ in 0..<2 { _ = await server.run("version", "register", "fraud") }
            let set = await server.run("alias", "set", "fraud@champion", "1", "--expected", "0")
            #expect(set.output == "fraud@champion → fraud/1\n")
            let refused = await server.run("alias", "set", "fraud@champion", "2", "--expected", "2")
            #expect(refused.exit == 4)
            #expect(refused.error.contains("points to fraud/1"))
            #expect(await server.run("alias", "delete", "fraud@champion", "--reason", "done").exit == 0)
            #expect(
                await server.run("alias", "delete", "fraud@champion").output == "there was no alias fraud@champion\n")
            let history = await server.run("alias", "history", "fraud@champion").output.split(separator: "\n")
            #expect(history.count == 3)
            #expect(history[1].contains("deleted"))
            #expect(history[1].hasSuffix("done"))
        }
    }

    @Test("Tags change, versions and models go, and the log says it all and is whole")
    func changes() async throws {
        try await RegistryServer.with { server in
            _ = await server.run("model", "create", "fraud")
            _ = await server.run("version", "register", "fraud", "--tag", "a=1")
            let tagged = await server.run("version", "tag", "fraud/1", "b=2", "--remove", "a")
            #expect(tagged.output.contains("b=2"))
            #expect(!tagged.output.contains("a=1"))
            #expect(await server.run("version", "tag", "fraud/1").exit == 2)
            #expect(await server.run("version", "delete", "fraud/1", "--reason", "leaked labels").exit == 0)
            #expect(await server.run("version", "show", "fraud/1").exit == 1)
            #expect(await server.run("model", "delete", "fraud").output == "deleted fraud\n")
            let log = await server.run("audit", "--subject", "fraud/1").output.split(separator: "\n")
            #expect(log.count == 4)
            #expect(log[1].contains("version.delete"))
            #expect(log[1].hasSuffix("leaked labels"))
            let verified = await server.run("audit", "--verify")
            #expect(verified.exit == 0)
            #expect(verified.output.hasPrefix("5 entries are whole; head "))
        }
    }

    @Test("Verifying names the damaged artifact and the version it belongs to, with exit code 1")
    func verify() async throws {
        try await RegistryServer.with { server in
            _ = await server.run("model", "create", "fraud")
            for name in ["good", "bad"] {
                let file = try server.file(name, name)
                _ = await server.run("version", "register", "fraud", "--artifact", file)
            }
            #expect(await server.run("artifact", "verify").output == "2 of 2 artifacts are whole\n")
            let hex = SHA256Digest.hash("bad").hex
            try Data("BAD".utf8).write(
                to: server.directory.appendingPathComponent("store/sha256/\(hex.prefix(2))/\(hex.dropFirst(2))"))
            let run = await server.run("artifact", "verify")
            #expect(run.exit == 1)
            #expect(run.output.contains("damaged: sha256:\(hex)"))
            #expect(run.output.contains("(fraud/2)"))
            #expect(run.output.contains("1 of 2 artifacts are whole"))
            let pull = await server.run(
                "artifact", "pull", "fraud/2", "--to", server.directory.appendingPathComponent("out").path)
            #expect(pull.exit == 1)
            #expect(pull.error.contains(hex))
        }
    }

    @Test("A token is printed once, and only its id afterwards")
    func tokens() async throws {
        try await RegistryServer.with { server in
            let secret = await server.run("token", "create", "ci", "--role", "operator", "--expires", "90d").output
            #expect(secret.hasPrefix("tko_"))
            let id = String(secret.split(separator: "_")[1])
            let list = await server.run("token", "list").output
            #expect(list.contains(id))
            #expect(!list.contains(secret.suffix(20)))
            #expect(await server.run("token", "revoke", id).output == "revoked \(id) (ci)\n")
            #expect(await server.run("token", "create", "ci", "--role", "root").exit == 2)
        }
    }

    private static let faultyCommands: [([String], Int32)] = [
        (["version", "register", "none"], 1),
        (["version", "register", "none", "--artifact", "/no/such/file"], 2),
        (["version", "register", "none", "--metric", "auc=high"], 2),
        (["version", "register", "none", "--tag", "novalue"], 2),
        (["version", "show", "none"], 2),
        (["model", "show", "a/b"], 2),
        (["alias", "set", "none@latest", "1"], 2),
        (["artifact", "pull", "sha256:1234"], 2),
        (["model", "show", "none"], 1),
    ]

    @Test(
        "What is wrong on the command line exits with 2, and what is missing on the server with 1",
        arguments: faultyCommands)
    func faults(arguments: [String], exit: Int32) async throws {
        try await RegistryServer.with { server in
            let run = await CommandRun.of(arguments, variables: ["TURNOUT_URL": server.url])
            #expect(run.exit == exit, "\(run.error)")
            #expect(run.error.hasPrefix("error: "))
            #expect(run.output.isEmpty)
        }
    }

    @Test("Proxies are listed with those that lag behind first, and with what keeps them from the newest table")
    func proxies() async throws {
        try await RegistryServer.with { server in
            #expect(await server.run("proxies").output == "No proxy was heard of within a day.\n")
            func report(_ id: String, _ generation: Int, unhealthy: [String] = [], refusal: String? = nil)
                -> ProxyReport
            {
                ProxyReport(
                    id: id, incarnation: "1", address: "10.0.0.1:8800", adminAddress: "10.0.0.1:8801",
                    generation: generation, digest: "d", unhealthy: unhealthy, refusal: refusal)
            }
            try await server.store.report([
                report("a", 7, unhealthy: ["10.0.0.9:1 /ready"]), report("b", 6, refusal: "It has format 3."),
            ])
            let lines = await server.run("proxies").output.split(separator: "\n").map(String.init)
            #expect(lines.count == 3)
            #expect(lines[1].hasPrefix("b ") && lines[1].hasSuffix("It has format 3."))
            #expect(lines[2].hasPrefix("a ") && lines[2].contains("10.0.0.9:1 /ready"))
            try await server.store.report([report("b", 7)])
            let json = Data(await server.run("proxies", "--output", "json").output.utf8)
            let records = try #require(try JSONSerialization.jsonObject(with: json) as? [[String: Any]])
            #expect(records.compactMap { ($0["report"] as? [String: Any])?["refusal"] as? String } == [])
            #expect(records.compactMap { ($0["report"] as? [String: Any])?["generation"] as? Int } == [7, 7])
        }
    }
}
