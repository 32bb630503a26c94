import ArgumentParser
import ControlAPIClient
import Resources

struct ModelShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a model.",
        discussion: """
            Examples:
              turnout model show fraud
            """)

    @Argument(help: "The model's name, without '/', ':' and '@'.", transform: checked)
    var model: ModelArgument

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let model = try await connection.client().model(model.name)
        try output.render(model, text: { Self.text(model) })
    }

    private static func text(_ model: Model) -> String {
        var fields = FieldList()
        fields.add("model", model.name.rawValue)
        fields.add("description", model.description)
        fields.add("latest version", model.latestVersion.map { "\(model.name)/\($0)" })
        fields.add("aliases", model.aliases.map { "\($0.key) → \($0.value)" }.sorted().joined(separator: "\n"))
        fields.add("tags", model.tags.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "\n"))
        fields.add("created", "\(model.createdAt.seconds) by \(model.createdBy)")
        fields.add("updated", model.updatedAt.seconds)
        return fields.text
    }
}
