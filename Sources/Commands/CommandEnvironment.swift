import Foundation

/// What a command knows of the world around it: variables, and where its words go.
///
/// A task-local, since the argument parser makes the commands; tests run commands in one of their own.
package struct CommandEnvironment: Sendable {
    package var variables: [String: String]
    /// Whether a person looks at standard output: colours and progress only then.
    package var isTerminal: Bool
    /// Takes bytes for standard output; returns once they are written.
    package var writeOutput: @Sendable (String) -> Void
    package var writeError: @Sendable (String) -> Void

    package init(
        variables: [String: String], isTerminal: Bool, writeOutput: @escaping @Sendable (String) -> Void,
        writeError: @escaping @Sendable (String) -> Void
    ) {
        self.variables = variables
        self.isTerminal = isTerminal
        self.writeOutput = writeOutput
        self.writeError = writeError
    }

    @TaskLocal package static var current = CommandEnvironment.process

    /// The process's own.
    package static let process = CommandEnvironment(
        variables: ProcessInfo.processInfo.environment,
        isTerminal: isatty(1) == 1,
        writeOutput: { try? FileHandle.standardOutput.write(contentsOf: Data($0.utf8)) },
        writeError: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })

    /// A line on standard output.
    package func print(_ line: String) { writeOutput(line + "\n") }

    /// A line on standard error.
    package func printError(_ line: some StringProtocol) { writeError(line + "\n") }

    /// A variable that is set and not empty.
    package func variable(_ name: String) -> String? {
        guard let value = variables[name], !value.isEmpty else { return nil }
        return value
    }

    /// Colours: on a terminal, unless `NO_COLOR` or a dumb terminal says otherwise.
    package var usesColor: Bool { isTerminal && variable("NO_COLOR") == nil && variables["TERM"] != "dumb" }
}
