import ArgumentParser

/// Runs one command line to its end.
///
/// - Returns: the exit code.
package func runTurnout(_ arguments: [String], in environment: CommandEnvironment) async -> Int32 {
    await CommandEnvironment.$current.withValue(environment) {
        do {
            if let fault = CommandFault(unknownCommandIn: arguments) { throw fault }
            var command = try TurnoutCommand.parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return CommandExit.done.rawValue
        } catch {
            return report(error, in: environment)
        }
    }
}

/// Prints a fault, and says with which code to exit.
private func report(_ error: any Error, in environment: CommandEnvironment) -> Int32 {
    if let fault = CommandFault(error) {
        environment.printError(fault.text)
        return fault.exit.rawValue
    }
    if let exit = error as? CommandExit { return exit.rawValue }
    let text = TurnoutCommand.fullMessage(for: error)
    let code = TurnoutCommand.exitCode(for: error)
    if code.isSuccess {
        environment.print(text)
    } else if !text.isEmpty {
        environment.printError(text.prefix(1).lowercased() + text.dropFirst())
    }
    return code == .validationFailure ? CommandExit.usage.rawValue : code.rawValue
}
