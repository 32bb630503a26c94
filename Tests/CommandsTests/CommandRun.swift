import Synchronization

@testable import Commands

/// What one command line did.
struct CommandRun: Sendable {
    let exit: Int32
    let output: String
    let error: String

    static func of(_ arguments: String..., isTerminal: Bool = false) async -> CommandRun {
        await of(arguments, isTerminal: isTerminal)
    }

    static func of(
        _ arguments: [String], variables: [String: String] = [:], isTerminal: Bool = false
    ) async -> CommandRun {
        let text = Text()
        let environment = CommandEnvironment(
            variables: variables, isTerminal: isTerminal, writeOutput: { text.add(output: $0) },
            writeError: { text.add(error: $0) })
        let exit = await runTurnout(arguments, in: environment)
        return CommandRun(exit: exit, output: text.both.output, error: text.both.error)
    }

    private final class Text: Sendable {
        private let state = Mutex((output: "", error: ""))
        var both: (output: String, error: String) { state.withLock { $0 } }
        func add(output: String) { state.withLock { $0.output += output } }
        func add(error: String) { state.withLock { $0.error += error } }
    }
}
