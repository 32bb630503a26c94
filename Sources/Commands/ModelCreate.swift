import ArgumentParser
import ControlAPIClient
import Resources

struct ModelCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a model.",
        discussion: """
            Examples:
              turnout model create fraud
              turnout model create fraud --description "Card fraud, EU" --tag team=risk
            """)

    @Argument(help: "The model's name, without '/', ':' and '@'.", transform: checked)
    var model: ModelArgument

    @Option(help: ArgumentHelp("What it is for.", valueName: "text"))
    var description: String?

    @Option(name: .customLong("tag"), help: ArgumentHelp("A tag; may stand several times.", valueName: "key=value"))
    var tags: [String] = []

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let draft = ModelDraft(
            name: model.name, description: description, tags: try PairArgument.texts(tags, option: "--tag"))
        let created = try await connection.client().createModel(draft, reason: why.reason)
        try output.render(created, text: { created.name.rawValue })
    }
}
