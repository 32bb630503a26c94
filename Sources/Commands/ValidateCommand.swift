import ArgumentParser
import EndpointFiles
import Resources

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check endpoint files, without a server.",
        discussion: """
            Finds every fault of every file in one pass, but those that only the registry knows: unknown models, \
            versions and aliases, and hosts that another endpoint has. `turnout plan` finds these too.

            Examples:
              turnout validate endpoints/
              turnout validate endpoints/fraud.yaml --output json
            """)

    @Argument(help: ArgumentHelp("A directory or a file.", valueName: "dir"))
    var path: String

    @Option(name: .customLong("env"), help: ArgumentHelp("What {env} stands for.", valueName: "name"))
    var environment: String?

    @OptionGroup var output: OutputOptions

    private struct Result: Encodable {
        let valid: Bool
        let endpoints: [EndpointName]
        let diagnostics: [Diagnostic]
    }

    func run() async throws {
        let loaded = EndpointFiles.load(path, environment: environment)
        let result = Result(
            valid: loaded.isValid, endpoints: loaded.endpoints.map(\.endpoint.name), diagnostics: loaded.diagnostics)
        try output.render(
            result,
            text: {
                let count = loaded.endpoints.count
                let files = Set(loaded.endpoints.map(\.file)).count
                let end =
                    loaded.isValid
                    ? "\(count) endpoint\(count == 1 ? "" : "s") in \(files) file\(files == 1 ? "" : "s"): valid."
                    : "\(path) has faults."
                return (loaded.diagnostics.map(\.description) + [end]).joined(separator: "\n\n")
            })
        if !loaded.isValid { throw CommandExit.usage }
    }
}
