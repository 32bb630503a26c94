import ArgumentParser
import ControlAPIClient
import Foundation

/// Which control plane a command talks to, and as whom.
struct ConnectionOptions: ParsableArguments {
    static let defaultURL = "http://127.0.0.1:8700"

    @Option(help: ArgumentHelp("The control plane (TURNOUT_URL; default \(defaultURL)).", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("Who asks (TURNOUT_TOKEN).", valueName: "token"))
    var token: String?

    /// - Throws: `ClientError` with code `misconfigured`.
    func client() throws -> APIClient {
        let environment = CommandEnvironment.current
        return try APIClient(
            url: url ?? environment.variable("TURNOUT_URL") ?? Self.defaultURL,
            token: token ?? environment.variable("TURNOUT_TOKEN"), actor: Self.actor(environment),
            resending: .patiently { environment.printError($0) })
    }

    /// `TURNOUT_ACTOR`, or user and machine.
    static func actor(_ environment: CommandEnvironment) -> String {
        environment.variable("TURNOUT_ACTOR")
            ?? "\(environment.variable("USER") ?? NSUserName())@\(ProcessInfo.processInfo.hostName)"
    }
}
