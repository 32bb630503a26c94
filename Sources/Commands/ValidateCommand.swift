import ArgumentParser
import EndpointFiles
import Resources

struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check endpoint files, without a server.",
        discussion: """
            Finds every fault of every file in one pass, but those that only the registry knows: unknown models, \
            versions and aliases, and hosts that another endpoint has. `turnout plan` finds these too. Without --env, \
            a directory with environments is checked for each of them.

            Examples:
              turnout validate endpoints/
              turnout validate endpoints/ --env production --merged
              turnout validate endpoints/fraud.yaml --output json
            """)

    @Argument(help: ArgumentHelp("A directory or a file.", valueName: "dir"))
    var path: String

    @Option(name: .customLong("env"), help: EnvironmentHelp.text)
    var environment: String?

    @Flag(help: "Show every field of what the files say, and the file and line that it is from.")
    var merged = false

    @OptionGroup var output: OutputOptions

    private struct Result: Encodable {
        let valid: Bool
        let endpoints: [EndpointName]
        let diagnostics: [Diagnostic]
        /// Those that were checked; empty where the directory has none and none was named.
        let environments: [String]
        let origins: [FieldOrigin]?
    }

    func run() async throws {
        let all = environment.map { [$0] } ?? EndpointFiles.environments(of: path)
        let loads =
            all.isEmpty ? [EndpointFiles.load(path)] : all.map { EndpointFiles.load(path, environment: $0) }
        // What an environment does not change is wrong in all of them, and told once.
        var told: Set<Diagnostic> = []
        let diagnostics = loads.flatMap(\.diagnostics).filter { told.insert($0).inserted }
        let isValid = loads.allSatisfy(\.isValid)
        let names = Set(loads.flatMap { $0.endpoints.map(\.endpoint.name) }).sorted()
        let origins = merged && isValid ? loads.map { FieldOrigins($0, all: true) } : []
        try output.render(
            Result(
                valid: isValid, endpoints: names, diagnostics: diagnostics, environments: all,
                origins: merged ? origins.flatMap(\.fields) : nil),
            text: {
                let count = names.count
                let files = Set(loads.flatMap { $0.endpoints.map(\.file) }).count
                let environments = all.isEmpty ? "" : ", for \(all.joined(separator: " and "))"
                let end =
                    isValid
                    ? "\(count) endpoint\(count == 1 ? "" : "s") in \(files) file\(files == 1 ? "" : "s")"
                        + "\(environments): valid."
                    : "\(path) has faults."
                return (diagnostics.map(\.description) + origins.compactMap(\.text) + [end]).joined(separator: "\n\n")
            })
        if !isValid { throw CommandExit.usage }
    }
}
