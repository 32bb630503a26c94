import ArgumentParser
import ControlAPIClient
import Resources
import ServerApp

/// A fault as a person sees it: `error: …`, its details, a hint, and the exit code. The one place where domain errors
/// become exit codes.
struct CommandFault: Error {
    let exit: CommandExit
    let message: String
    let details: [String]
    /// What to do about it.
    let hint: String?

    init(_ exit: CommandExit, _ message: String, details: [String] = [], hint: String? = nil) {
        self.exit = exit
        self.message = message
        self.details = details
        self.hint = hint
    }

    /// - Returns: `nil` for errors of the argument parser, which speak for themselves.
    init?(_ error: any Error) {
        switch error {
        case let fault as CommandFault: self = fault
        case let faults as FileFaults: self = faults.told
        case let error as ClientError: self.init(error)
        case let error as TurnoutError: self.init(Self.exit(for: error.code), error.message)
        case let fault as ConfigurationFault: self.init(.usage, fault.description)
        case let fault as StaticTableFault: self.init(.usage, "the files can't be served", details: fault.faults)
        case is CancellationError: self.init(.failed, "interrupted")
        case is CommandExit, is ExitCode, is CleanExit, is ValidationError: return nil
        default:
            guard TurnoutCommand.exitCode(for: error) == .failure else { return nil }
            self.init(.failed, String(describing: error))
        }
    }

    private init(_ error: ClientError) {
        switch error.code {
        case .refused(let code):
            let hint: String? =
                switch code {
                case .internal, .unavailable, .outcomeUnknown: error.requestID.map { "request id \($0)" }
                case .unauthenticated, .forbidden:
                    "--token or TURNOUT_TOKEN says who asks; an admin makes tokens with 'turnout token create'"
                default: nil
                }
            self.init(Self.exit(for: code), error.message, hint: hint)
        case .misconfigured: self.init(.usage, error.message)
        case .unreachable, .lost, .unexpectedAnswer: self.init(.failed, error.message)
        }
    }

    static func exit(for code: TurnoutError.Code) -> CommandExit {
        switch code {
        case .invalid, .invalidFiles: .usage
        case .conflict, .preconditionFailed: .conflict
        case .unauthenticated, .forbidden, .notFound, .alreadyExists, .inUse, .tooLarge, .unavailable, .outcomeUnknown,
            .internal:
            .failed
        }
    }

    var text: String {
        var lines = ["error: \(message)"]
        lines += details.map { "  \($0)" }
        if let hint { lines.append("hint: \(hint)") }
        return lines.joined(separator: "\n")
    }
}
