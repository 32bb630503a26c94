import ControlAPIClient
import Resources
import Testing

@testable import Commands

@Suite("Results on the terminal")
struct OutputTests {
    let table = TextTable(
        [.left("name"), .right("share"), .left("note")],
        rows: [["champion", "90", ""], ["lite", StyledText("7.5", .warning), "new"]])

    @Test("Columns are aligned, and no line ends in spaces")
    func aligned() {
        #expect(
            table.text(color: false) == """
                NAME      SHARE  NOTE
                champion     90
                lite        7.5  new
                """)
    }

    @Test("Colours change no alignment, and are there only when asked for")
    func colored() {
        #expect(table.text(color: true).contains("  \u{1B}[33m7.5\u{1B}[0m  new"))
        #expect(!table.text(color: false).contains("\u{1B}"))
    }

    @Test("NO_COLOR, a dumb terminal and a pipe each turn colours off")
    func colorChoice() {
        func uses(_ variables: [String: String], _ isTerminal: Bool) -> Bool {
            CommandEnvironment(
                variables: variables, isTerminal: isTerminal, writeOutput: { _ in }, writeError: { _ in }
            ).usesColor
        }
        #expect(uses(["TERM": "xterm"], true))
        #expect(!uses(["TERM": "xterm"], false))
        #expect(!uses(["TERM": "xterm", "NO_COLOR": "1"], true))
        #expect(!uses(["TERM": "dumb"], true))
    }

    @Test("JSON and YAML hold the value itself, keys sorted")
    func machineOutput() throws {
        let value = ["b": 2, "a": 1]
        #expect(try MachineOutput.json(value) == "{\n  \"a\" : 1,\n  \"b\" : 2\n}")
        #expect(try MachineOutput.yaml(value) == "a: 1\nb: 2")
    }

    @Test("Every domain error has an exit code: 2 for what the caller wrote, 4 for a conflict, 1 for the rest")
    func exitCodes() {
        for code in TurnoutError.Code.allCases {
            let expected: CommandExit =
                switch code {
                case .invalid, .invalidFiles: .usage
                case .conflict, .preconditionFailed: .conflict
                default: .failed
                }
            #expect(CommandFault(ClientError(.refused(code), "no"))?.exit == expected)
        }
    }
}
