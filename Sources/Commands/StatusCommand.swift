import ArgumentParser
import ControlAPIClient
import Resources

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the live split, health, holds, and which proxies are in step.",
        discussion: """
            Examples:
              turnout status
              turnout status fraud --watch
              turnout status fraud --output json
            """)

    @Argument(help: "The endpoint's name; all of them without one.", transform: checked)
    var endpoint: EndpointArgument?

    @Flag(help: "Show it again whenever it changes, until interrupted.")
    var watch = false

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    private static let watchPeriod = Duration.milliseconds(500)

    func run() async throws {
        let client = try connection.client()
        let environment = CommandEnvironment.current
        var last: [EndpointStatus]?
        repeat {
            let statuses = try await fetch(client)
            if statuses != last {
                if watch, environment.isTerminal, output.output == .table {
                    // Clears the terminal and goes to its first line.
                    environment.writeOutput("\u{1B}[2J\u{1B}[H")
                }
                try show(statuses, environment)
                last = statuses
            }
            if watch { try await Task.sleep(for: Self.watchPeriod) }
        } while watch
    }

    private func fetch(_ client: APIClient) async throws -> [EndpointStatus] {
        if let endpoint { return [try await client.status(of: endpoint.name)] }
        return try await list.collect { try await client.endpoints($0) }
    }

    private func show(_ statuses: [EndpointStatus], _ environment: CommandEnvironment) throws {
        if endpoint != nil, let status = statuses.first {
            try output.render(status, text: { StatusText.full(status, color: environment.usesColor) })
        } else {
            try output.render(statuses) { StatusText.list(statuses) }
        }
    }
}
