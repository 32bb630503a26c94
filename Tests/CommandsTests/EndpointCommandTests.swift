import Foundation
import Resources
import Testing

@testable import Commands

@Suite("The commands of endpoints")
struct EndpointCommandTests {
    private static func document(_ challenger: String, name: String = "fraud") -> String {
        """
        apiVersion: turnout/v1
        kind: Endpoint
        metadata: { name: \(name) }
        spec:
          routingKey: { header: x-user-id }
          backends: ["http://127.0.0.1:{version}000"]
          variants:
            - { name: champion, model: fraud/1, traffic: rest }
            - { name: challenger, model: fraud/2, traffic: \(challenger) }   # keep me

        """
    }

    private static func withModel(_ body: @Sendable (RegistryServer) async throws -> Void) async throws {
        try await RegistryServer.with { server in
            _ = await server.run("model", "create", "fraud")
            for _ in 0..<2 { _ = await server.run("version", "register", "fraud") }
            try await body(server)
        }
    }

    private static func object(_ run: CommandRun) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    }

    @Test("A file that holds no endpoint is said aloud, and not taken for a fault") func noEndpoint() async throws {
        try await RegistryServer.with { server in
            let file = try server.file("tags.yaml", "# Nothing yet.\n")
            let run = await server.run("validate", file)
            #expect(run.exit == 0)
            #expect(run.output.contains("tags.yaml:1:1: warning: there is no endpoint in this file"))
            #expect(await server.run("plan", file).error.contains("there is no endpoint in this file"))
        }
    }

    @Test("Plan exits with 5 while there is something to apply; apply does it, and the second one changes nothing")
    func planAndApply() async throws {
        try await Self.withModel { server in
            let file = try server.file("fraud.yaml", Self.document("10"))
            #expect(await server.run("validate", file).output == "1 endpoint in 1 file: valid.\n")
            let plan = await server.run("plan", file)
            #expect(plan.exit == 5)
            #expect(plan.output.hasPrefix("+ fraud  new, revision 1\n    champion    fraud/1  90 %\n"))
            let applied = await server.run("apply", file, "--commit", "abc", "--reason", "first")
            #expect(applied.exit == 0)
            #expect(applied.output.hasSuffix("\nRelease 1.\n"))
            let again = await server.run("apply", file)
            #expect(again.exit == 0)
            #expect(again.output == "Nothing to change: release 1 is the newest.\n")
            #expect(await server.run("plan", file).exit == 0)
            let releases = await server.run("releases", "--output", "json")
            let list = try JSONDecoder().decode([Release].self, from: Data(releases.output.utf8))
            #expect(list.map(\.commit) == ["abc"])
            #expect(list.map(\.actor) == ["ada"])
        }
    }

    @Test("Files with faults, or with what the registry does not know, exit with 2 and name every fault")
    func faults() async throws {
        try await Self.withModel { server in
            let bad = try server.file("bad.yaml", Self.document("110"))
            let invalid = await server.run("validate", bad)
            #expect(invalid.exit == 2)
            #expect(invalid.output.contains("bad.yaml:9:"))
            #expect(await server.run("apply", bad).exit == 2)
            let unknown = try server.file("b.yaml", Self.document("10").replacing("fraud/2", with: "fruad/2"))
            let run = await server.run("plan", unknown)
            #expect(run.exit == 2)
            #expect(run.error.contains("b.yaml:9:34: error: the model 'fruad' is not registered"))
        }
    }

    @Test("With --env, overlays are merged in; the plan says which fields they set, and what stood there before")
    func overlays() async throws {
        try await Self.withModel { server in
            let base = Self.document("10").replacing("127.0.0.1", with: "{env}.internal")
            _ = try server.file("git/fraud.yaml", base)
            let overlay = """
                apiVersion: turnout/v1
                kind: Overlay
                metadata: { name: fraud }
                spec:
                  variants: [{ name: challenger, traffic: 2.5 }]

                """
            _ = try server.file("git/environments/production.yaml", overlay)
            _ = try server.file("git/environments/staging.yaml", "# as it is\n")
            let path = server.directory.appendingPathComponent("git").path
            let valid = await server.run("validate", path)
            #expect(valid.output == "1 endpoint in 1 file, for production and staging: valid.\n")
            let nameless = await server.run("plan", path)
            #expect(nameless.exit == 2)
            #expect(nameless.error.contains("expected: --env production or --env staging"))
            #expect(await server.run("apply", path, "--env", "prodution").error.contains("did you mean 'production'?"))
            let plan = await server.run("plan", path, "--env", "production")
            #expect(plan.exit == 5)
            #expect(plan.output.contains("challenger  fraud/2  2.5 %"))
            let row = try #require(plan.output.split(separator: "\n").last)
            #expect(
                row.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
                    == "fraud spec.variants[challenger].traffic 2.5 \(path)/environments/production.yaml:5 "
                    + "10 (\(path)/fraud.yaml:9)")
            let merged = await server.run("plan", path, "--env", "production", "--merged")
            #expect(merged.output.contains("\nThe files for production:\n"))
            #expect(merged.output.contains("spec.variants[champion].traffic"))
            let json = try Self.object(await server.run("plan", path, "--env", "production", "--output", "json"))
            let origin = try #require((json["origins"] as? [[String: Any]])?.first)
            #expect(origin["field"] as? String == "spec.variants[challenger].traffic")
            #expect((origin["replaced"] as? [String: Any])?["value"] as? String == "10")
            #expect(await server.run("apply", path, "--env", "production").exit == 0)
            #expect(await server.run("status").output.contains("challenger fraud/2 2.5 %"))
            #expect(await server.run("plan", path, "--env", "production").exit == 0)
        }
    }

    @Test("The schema is JSON with a description of every key") func schema() async throws {
        let run = await CommandRun.of("schema")
        #expect(run.exit == 0)
        let schema = try Self.object(run)
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        #expect(run.output.contains("\"description\" : \"The variant's share, or rest. Without it: required\""))
    }

    @Test("Machine output has exactly the promised fields, absent ones as null")
    func machineOutput() async throws {
        try await Self.withModel { server in
            let file = try server.file("fraud.yaml", Self.document("10"))
            let plan = try Self.object(await server.run("plan", file, "--output", "json"))
            #expect(plan["baseRelease"] as? Int == 0)
            let change = try #require((plan["changes"] as? [[String: Any]])?.first)
            #expect(change["endpoint"] as? String == "fraud" && change["action"] as? String == "create")
            #expect(change["held"] is NSNull && change["moves"] is [Any])
            _ = await server.run("apply", file)
            let status = try Self.object(await server.run("status", "fraud", "--output", "json"))
            for field in ["endpoint", "revision", "release", "generation", "held", "variants", "proxies"] {
                #expect(status.keys.contains(field))
            }
            #expect(status["held"] is NSNull)
            let variant = try #require((status["variants"] as? [[String: Any]])?.last)
            #expect(variant["name"] as? String == "challenger" && variant["version"] as? Int == 2)
            #expect(variant["traffic"] as? Double == 10 && variant["buckets"] as? [[Int]] == [[0, 1000]])
            #expect(variant["healthyBackends"] is NSNull)
            let explained = await server.run("explain", "fraud", "--key", "user-42", "--output", "json")
            #expect(
                try Self.object(explained).keys.sorted() == [
                    "actor", "at", "bucket", "commit", "endpoint", "key", "model", "release", "revision", "variant",
                    "version",
                ])
        }
    }

    @Test("Promote, wait, conflict, resume, roll back: each says what it did and exits as promised")
    func holds() async throws {
        try await Self.withModel { server in
            let file = try server.file("fraud.yaml", Self.document("10"))
            _ = await server.run("apply", file)
            let promoted = await server.run("promote", "fraud", "challenger", "--traffic", "25", "--for", "2h")
            #expect(promoted.exit == 0)
            #expect(promoted.output.contains("15.00 % of keys move champion → challenger; 85.00 % stay"))
            let again = await server.run("promote", "fraud", "challenger", "--traffic", "25", "--for", "3h")
            #expect(again.exit == 0 && again.output.hasPrefix("= fraud  unchanged\n    held by ada, "))
            let moment = await server.run("promote", "fraud", "champion", "--for", "0s")
            #expect(moment.exit == 2 && moment.error.contains("expected 1s or more"))
            _ = try server.file("fraud.yaml", Self.document("40"))
            let waiting = await server.run("apply", file)
            #expect(waiting.exit == 3)
            #expect(waiting.output.contains("waits for the hold of ada"))
            let other = await CommandRun.of(
                ["promote", "fraud", "champion"], variables: ["TURNOUT_URL": server.url, "TURNOUT_ACTOR": "bob"])
            #expect(other.exit == 4)
            #expect(other.error.contains("held by ada"))
            #expect(await server.run("status").output.contains("by ada; revision 3 waits"))
            let resumed = await server.run("resume", "fraud", "--output", "json")
            #expect(try Self.object(resumed)["status"] as? String == "applied")
            let back = await server.run("rollback", "fraud", "--to", "1", "--for", "2h")
            #expect(back.exit == 0 && back.output.contains(", until "))
            #expect(await server.run("rollback", "--release", "1").exit == 0)
            #expect(await server.run("rollback", "fraud", "--release", "1").exit == 2)
            let history = await server.run("history", "fraud").output
            #expect(history.contains("rollback to 1") && history.contains("apply, waited"))
            #expect(await server.run("diff", "fraud", "1", "2").output.contains("90 % → 75 %"))
            #expect(await server.run("diff", "1", "2").output.contains("90 % → 75 %"))
            #expect(await server.run("diff", "1", "1").output == "Releases 1 and 1 have the same live.\n")
            #expect(await server.run("diff", "fraud", "1").exit == 2)
            let holds = await server.run("history", "fraud", "--holds").output
            #expect(holds.contains("stands") && holds.contains("resumed by ada"))
            let audit = await server.run("audit").output
            #expect(audit.contains("revision 3 waits") && audit.contains("revision 2; hold until "))
        }
    }

    @Test("--write brings a promotion into the file, and then git has caught up")
    func writeBack() async throws {
        try await Self.withModel { server in
            let file = try server.file("fraud.yaml", Self.document("10"))
            _ = await server.run("apply", file)
            let promoted = await server.run("promote", "fraud", "challenger", "--traffic", "25", "--write", file)
            #expect(promoted.exit == 0)
            #expect(
                promoted.output.hasSuffix(
                    """
                    Release 2.

                    \(file):9: challenger 10 → 25
                    Commit this: 'turnout apply \(file)' then releases the hold.

                    """))
            #expect(try server.content("fraud.yaml") == Self.document("25"))
            let caught = await server.run("apply", file)
            #expect(caught.exit == 0)
            #expect(caught.output.contains("releases the hold of ada"))
            #expect(try Self.object(await server.run("status", "fraud", "-o", "json"))["held"] is NSNull)
        }
    }

    @Test("--write edits the overlay that decides the split, and refuses files that it can't edit before it promotes")
    func writeBackIntoOverlay() async throws {
        try await Self.withModel { server in
            _ = try server.file("git/fraud.yaml", Self.document("10"))
            let overlay = """
                apiVersion: turnout/v1
                kind: Overlay
                metadata: { name: fraud }
                spec:
                  variants:
                    - { name: challenger, traffic: 2.5 }   # careful

                """
            let file = try server.file("git/environments/production.yaml", overlay)
            let path = server.directory.appendingPathComponent("git").path
            _ = await server.run("apply", path, "--env", "production")
            for arguments in [["--write", path], ["--env", "production"], ["--write", "/nowhere"]] {
                let refused = await CommandRun.of(
                    ["promote", "fraud", "challenger"] + arguments, variables: ["TURNOUT_URL": server.url])
                #expect(refused.exit == 2, "\(arguments)")
            }
            _ = try server.file("other.yaml", Self.document("10", name: "other"))
            let other = await server.run(
                "promote", "fraud", "challenger", "--write", server.directory.path + "/other.yaml")
            #expect(other.exit == 2 && other.error.contains("declares the endpoint 'fraud', so nothing was changed"))
            #expect(try Self.object(await server.run("status", "fraud", "-o", "json"))["held"] is NSNull)
            let promoted = await server.run(
                "promote", "fraud", "challenger", "--traffic", "40", "--write", path, "--env", "production", "-o",
                "json")
            #expect(promoted.exit == 0)
            let written = try #require(try Self.object(promoted)["written"] as? [String: Any])
            let line = try #require((written["lines"] as? [[String: Any]])?.first)
            #expect(line["file"] as? String == file && line["line"] as? Int == 6 && line["after"] as? String == "40")
            #expect(try server.content("git/environments/production.yaml") == overlay.replacing("2.5", with: "40"))
            #expect(try server.content("git/fraud.yaml") == Self.document("10"))
            let plan = await server.run("plan", path, "--env", "production")
            #expect(plan.output.contains("the same as the hold") && plan.output.contains("nobody moves"))
            #expect(await server.run("apply", path, "--env", "production").exit == 0)
            #expect(try Self.object(await server.run("status", "fraud", "-o", "json"))["held"] is NSNull)
            #expect(await server.run("plan", path, "--env", "production").exit == 0)
        }
    }

    @Test("A plan file is applied exactly, or refused when what it would change has changed since")
    func planFile() async throws {
        try await Self.withModel { server in
            let file = try server.file("fraud.yaml", Self.document("10"))
            let plan = server.directory.appendingPathComponent("a.plan").path
            #expect(await server.run("plan", file, "--out", plan).exit == 5)
            _ = try server.file("fraud.yaml", Self.document("90"))
            #expect(await server.run("apply", plan).exit == 0)
            #expect(await server.run("status").output.contains("challenger fraud/2 10 %"))
            #expect(await server.run("plan", file, "--out", plan).exit == 5)
            _ = try server.file("fraud.yaml", Self.document("50"))
            _ = await server.run("apply", file)
            let stale = await server.run("apply", plan)
            #expect(stale.exit == 4)
            #expect(stale.error.contains("release 2 (apply by ada) changed 'fraud'"))
        }
    }

    @Test("A plan file that was edited, or that says what the options say too, is refused before anything is sent")
    func editedPlan() async throws {
        try await Self.withModel { server in
            let file = try server.file("fraud.yaml", Self.document("10"))
            let plan = server.directory.appendingPathComponent("a.plan").path
            _ = await server.run("plan", file, "--out", plan)
            #expect(await server.run("apply", plan, "--env", "production").exit == 2)
            let text = try String(contentsOfFile: plan, encoding: .utf8)
            #expect(text.contains("http://127.0.0.1:{version}000"))
            _ = try server.file("a.plan", text.replacing("{version}000", with: "{version}999"))
            let edited = await server.run("apply", plan)
            #expect(edited.exit == 2)
            #expect(edited.error.contains("was changed after 'turnout plan --out' wrote it"))
            _ = try server.file("a.plan", "{}")
            #expect(await server.run("apply", plan).error.contains("is not a plan of 'turnout plan --out'"))
            #expect(await server.run("releases").output == "There are no releases yet.\n")
        }
    }

    @Test("--prune removes what the directory no longer holds, after plan has shown it; a single file can't prune")
    func prune() async throws {
        try await Self.withModel { server in
            let directory = server.directory.appendingPathComponent("endpoints").path
            let fraud = try server.file("endpoints/fraud.yaml", Self.document("10"))
            let spam = try server.file("endpoints/spam.yaml", Self.document("20", name: "spam"))
            #expect(await server.run("apply", directory).exit == 0)
            try FileManager.default.removeItem(atPath: spam)
            let shown = await server.run("plan", directory)
            #expect(shown.exit == 0)
            #expect(shown.output.contains("would be removed with --prune:\n    spam\n"))
            #expect(await server.run("apply", fraud, "--prune").exit == 2)
            let plan = await server.run("plan", directory, "--prune", "--output", "markdown")
            #expect(plan.exit == 5)
            #expect(plan.output.contains("| `spam` | **remove**, revision 1 → 2 |"))
            let pruned = await server.run("apply", directory, "--prune")
            #expect(pruned.exit == 0)
            #expect(pruned.output.contains("- spam  removed, revision 1 → 2"))
            #expect(await server.run("status").output.contains("spam") == false)
            #expect(await server.run("history", "spam").output.contains("removed"))
            let copy = try server.file("copy/fraud.yaml", Self.document("30"))
            let claimed = await server.run("apply", copy)
            #expect(claimed.exit == 4)
            #expect(claimed.error.contains("'fraud' belongs to "))
            #expect(await server.run("apply", copy, "--adopt").exit == 0)
        }
    }

    @Test("Waiting for a release that no table holds ends with its time, and says how far it got")
    func wait() async throws {
        try await Self.withModel { server in
            let file = try server.file("fraud.yaml", Self.document("10"))
            // No reconciler runs here.
            let run = await server.run("apply", file, "--wait", "--timeout", "50ms")
            #expect(run.exit == 1)
            #expect(run.error.contains("its routing table is not compiled yet"))
        }
    }
}
