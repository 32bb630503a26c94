import ArgumentParser
import Foundation
import Testing

@testable import Commands

@Suite("docs/cli.md")
struct CommandReferenceTests {
    /// What the argument parser tells of a command.
    private struct Tool: Decodable {
        let command: Command
    }

    private struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool?
        let arguments: [Argument]?
        let subcommands: [Command]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
            var text: String { kind == "long" ? "--\(name)" : "-\(name)" }
        }

        let kind: String
        let abstract: String?
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let allValues: [String]?
        let isOptional: Bool
        let isRepeating: Bool
        let shouldDisplay: Bool

        var label: String {
            let value = valueName.map { "<\($0)>" } ?? ""
            switch kind {
            case "positional": return value
            case "flag": return (names ?? []).map(\.text).joined(separator: ", ")
            default: return (names ?? []).map(\.text).joined(separator: ", ") + " " + value
            }
        }

        var meaning: String {
            var text = abstract ?? ""
            var notes: [String] = []
            if let allValues, !allValues.isEmpty { notes.append("one of " + allValues.joined(separator: ", ")) }
            if let defaultValue { notes.append("default \(defaultValue)") }
            if !isOptional { notes.append("required") }
            if !notes.isEmpty { text += " (\(notes.joined(separator: "; ")))" }
            return text.replacingOccurrences(of: "|", with: "\\|")
        }
    }

    private static func page() async throws -> String {
        let dump = await CommandRun.of("--experimental-dump-help").output
        let root = try JSONDecoder().decode(Tool.self, from: Data(dump.utf8)).command
        var page = """
            # The command line

            Every command, as `--help` tells it. Written by `.ci/write-docs`; a test holds it in step with the program.


            """
        page += discussion(root)
        write(root, [], &page)
        return page
    }

    private static func write(_ command: Command, _ path: [String], _ page: inout String) {
        let path = path + [command.commandName]
        let children = (command.subcommands ?? []).filter { $0.commandName != "help" && $0.shouldDisplay ?? true }
        guard children.isEmpty else {
            for child in children { write(child, path, &page) }
            return
        }
        page += "\n## \(path.joined(separator: " "))\n\n\(command.abstract ?? "")\n\n" + discussion(command)
        let shown = (command.arguments ?? []).filter {
            // Every command has the flags --help and --version; an argument may be called <version>.
            $0.shouldDisplay && !($0.kind == "flag" && ["help", "version"].contains($0.valueName))
        }
        page += "| argument | meaning |\n|---|---|\n"
        for argument in shown { page += "| `\(argument.label)` | \(argument.meaning) |\n" }
    }

    /// Prose as it is; what is indented as a block of its own.
    private static func discussion(_ command: Command) -> String {
        var page = ""
        var isBlock = false
        for line in (command.discussion ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("  ") != isBlock {
                page += isBlock ? "```\n" : (page.hasSuffix("\n\n") || page.isEmpty ? "```\n" : "\n```\n")
                isBlock.toggle()
            }
            page += (isBlock ? line.dropFirst(2) : line) + "\n"
        }
        if isBlock { page += "```\n" }
        return page.isEmpty ? "" : page + "\n"
    }

    @Test("Every example fits into 80 columns, indented as the help has it") func examplesFit() async throws {
        let blocks = try await Self.page().components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }
        let lines = blocks.flatMap { $0.element.split(separator: "\n") }
        #expect(lines.filter { $0.count > 78 } == [])
        #expect(lines.count > 30)
    }

    @Test("The reference is what the program says of itself (otherwise: .ci/write-docs)")
    func inStep() async throws {
        let file = URL(fileURLWithPath: String(#filePath)).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/cli.md")
        let page = try await Self.page()
        if ProcessInfo.processInfo.environment["TURNOUT_WRITE_DOCS"] == "1" {
            try page.write(to: file, atomically: true, encoding: .utf8)
        }
        let isSame = try String(contentsOf: file, encoding: .utf8) == page
        #expect(isSame)
    }
}
