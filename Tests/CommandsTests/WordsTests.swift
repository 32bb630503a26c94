import ArgumentParser
import Foundation
import Resources
import Testing

@testable import Commands

@Suite("What the command line says")
struct WordsTests {
    @Test("A command that doesn't exist is named, with the one that was meant")
    func unknownCommands() async {
        let run = await CommandRun.of("aply", "endpoints/")
        #expect(run.exit == 2)
        #expect(run.error == "error: there is no command 'turnout aply'\nhint: did you mean 'turnout apply'?\n")
        let below = await CommandRun.of("model", "creat", "fraud")
        #expect(below.error.contains("did you mean 'turnout model create'?"))
        let far = await CommandRun.of("frobnicate")
        #expect(far.error.contains("'turnout --help' lists them"))
    }

    @Test(
        "A value of the wrong form is refused with what was expected",
        arguments: [
            (["promote", "fraud", "new", "--for", "2 hours"], "such as 30m, 2h or 1h30m"),
            (["promote", "fraud", "new", "--traffic", "120"], "a percentage from 0 to 100"),
            (["promote", "Fraud", "new"], "lower-case letters, digits and '-'"),
            (["explain", "fraud", "--key", "k", "--at", "yesterday"], "such as 2026-11-01T10:00Z"),
            (["version", "tag", "fraud@champion", "a=b"], "such as fraud/12"),
            (["alias", "list", "fraud@champion"], "without '/', ':', '@'"),
            (["alias", "set", "fraud", "1"], "such as fraud@champion"),
            (["releases", "--limit", "all"], "a whole number"),
            (["apply", "e/", "--base", "newest"], "a whole number"),
            (["status", "--output", "xml"], "table"),
        ])
    func wrongValues(_ arguments: [String], _ expectation: String) async {
        let run = await CommandRun.of(arguments)
        #expect(run.exit == 2)
        #expect(run.error.hasPrefix("error: The value ") || run.error.hasPrefix("error: the value "))
        #expect(run.error.contains(expectation), "\(run.error)")
    }

    @Test("The exit codes of the help are those that there are")
    func exitCodes() async {
        let help = await CommandRun.of("--help").output
        for code in CommandExit.allCases { #expect(help.contains("\n  \(code.rawValue)  "), "\(code)") }
    }

    @Test("No wrong use leaks the parser's own exit code")
    func noForeignExitCode() async {
        for command in CommandTreeTests.leaves(TurnoutCommand.self) {
            var path: [String] = []
            Self.find(command, in: TurnoutCommand.self, &path)
            let run = await CommandRun.of(path + ["--no-such-option"])
            #expect(run.exit == 2, "\(path)")
            #expect(run.error.hasPrefix("error: "), "\(path)")
        }
    }

    @discardableResult
    private static func find(
        _ wanted: any ParsableCommand.Type, in command: any ParsableCommand.Type, _ path: inout [String]
    ) -> Bool {
        if ObjectIdentifier(wanted) == ObjectIdentifier(command) { return true }
        for child in command.configuration.subcommands {
            path.append(child._commandName)
            if find(wanted, in: child, &path) { return true }
            path.removeLast()
        }
        return false
    }

    @Test("Nobody listening, no token, and a role that does not suffice each say what to do")
    func access() async throws {
        let nobody = await CommandRun.of("status", "--url", "http://127.0.0.1:1")
        #expect(nobody.exit == 1)
        #expect(nobody.error.contains("is `turnout dev` or `turnout server` running?"))
        try await RegistryServer.with(asksForTokens: true) { server in
            let none = await server.run("model", "list")
            #expect(none.exit == 1)
            #expect(none.error.contains("TURNOUT_TOKEN"))
            let viewer = try await server.token(.viewer)
            let denied = await CommandRun.of(
                ["model", "create", "fraud"], variables: ["TURNOUT_URL": server.url, "TURNOUT_TOKEN": viewer])
            #expect(denied.exit == 1)
            #expect(denied.error.contains("takes a token of the role operator"))
        }
    }

    @Test("A name that is not there is answered with the one that was meant")
    func nearMisses() async throws {
        try await RegistryServer.with { server in
            _ = await server.run("model", "create", "fraud")
            _ = await server.run("version", "register", "fraud")
            _ = await server.run("alias", "set", "fraud@champion", "1")
            #expect(await server.run("model", "show", "froud").error.contains("did you mean 'fraud'?"))
            #expect(await server.run("version", "show", "fraud/7").error.contains("the newest is fraud/1"))
            #expect(
                await server.run("version", "show", "fraud@champoin").error
                    .contains("did you mean 'fraud@champion'?"))
        }
    }

    @Test("bash completes commands with the script that the program makes", .enabled(if: bashIsThere))
    func completions() async throws {
        let script = FileManager.default.temporaryDirectory.appendingPathComponent("turnout-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: script) }
        let run = await CommandRun.of("--generate-completion-script", "bash")
        #expect(run.exit == 0)
        try run.output.write(to: script, atomically: true, encoding: .utf8)
        let bash = Process()
        bash.executableURL = URL(fileURLWithPath: "/bin/bash")
        bash.arguments = [
            "-c",
            """
            set -u; source "$0"
            COMP_WORDS=(turnout model cr); COMP_CWORD=2; COMP_LINE="turnout model cr"; COMP_POINT=16
            set +u; _turnout turnout cr model; echo "${COMPREPLY[@]}"
            """, script.path,
        ]
        let pipe = Pipe()
        bash.standardOutput = pipe
        try bash.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        bash.waitUntilExit()
        #expect(said.trimmingCharacters(in: .whitespacesAndNewlines) == "create")
        for shell in ["zsh", "fish"] {
            let other = await CommandRun.of("--generate-completion-script", shell)
            #expect(other.exit == 0 && other.output.contains("turnout"))
        }
    }
}

private let bashIsThere = FileManager.default.isExecutableFile(atPath: "/bin/bash")
