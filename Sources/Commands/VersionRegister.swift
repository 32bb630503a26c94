import ArgumentParser
import ControlAPIClient
import Resources

struct VersionRegister: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Register a version, with its artifacts; the registry numbers it.",
        discussion: """
            Prints the version: fraud/13. An artifact is a file, or a directory with all files below it; NAME=PATH gives
            it another name. With --key, running the same command again registers nothing twice.

            Examples:
              turnout version register fraud --artifact model.joblib --metric auc=0.98
              turnout version register fraud --commit $(git rev-parse HEAD) --key $CI_JOB
              turnout version register fraud --tag trained-on=2026-10 --run-id run-7
            """)

    @Argument(help: "The model's name, without '/', ':' and '@'.", transform: checked)
    var model: ModelArgument

    @Option(
        name: .customLong("artifact"),
        help: ArgumentHelp("A file to push with it; may stand several times.", valueName: "path"))
    var artifacts: [String] = []

    @Option(help: ArgumentHelp("Where it comes from.", valueName: "uri"))
    var source: String?

    @Option(help: ArgumentHelp("Of the code that trained it.", valueName: "sha"))
    var commit: String?

    @Option(help: ArgumentHelp("The training run that made it.", valueName: "id"))
    var runID: String?

    @Option(help: ArgumentHelp("Where that run can be looked at.", valueName: "url"))
    var runLink: String?

    @Option(name: .customLong("metric"), help: ArgumentHelp("May stand several times.", valueName: "name=number"))
    var metrics: [String] = []

    @Option(name: .customLong("tag"), help: ArgumentHelp("May stand several times.", valueName: "key=value"))
    var tags: [String] = []

    @Option(help: ArgumentHelp("For people.", valueName: "text"))
    var description: String?

    @Option(
        help: ArgumentHelp("Names this intent, so that it has one effect however often it is sent.", valueName: "key"))
    var key: String?

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        var draft = VersionDraft(
            source: source, commit: commit, runID: runID, runLink: runLink,
            metrics: try PairArgument.numbers(metrics, option: "--metric"), description: description,
            tags: try PairArgument.texts(tags, option: "--tag"), artifacts: [:])
        let key = try key.map { try IdempotencyKey(validating: $0) }
        let files = try artifacts.flatMap { try ArtifactFile.files($0) }
        for (name, sameName) in Dictionary(grouping: files, by: \.name) where sameName.count > 1 {
            throw CommandFault(.usage, "two artifacts are named \(name): give one another name, NAME=PATH")
        }
        // Before pushing gigabytes: a model that doesn't exist takes no version.
        _ = try await client.model(model.name)
        for file in files { draft.artifacts?[file.name] = try await file.push(client).digest }
        let version = try await client.registerVersion(of: model.name, draft, key: key, reason: why.reason)
        try output.render(version, text: { version.reference.description })
    }
}
