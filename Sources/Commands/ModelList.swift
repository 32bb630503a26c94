import ArgumentParser
import ControlAPIClient
import Resources

struct ModelList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List models.",
        discussion: """
            Examples:
              turnout model list
              turnout model list --limit 1000 --output json
            """)

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let models = try await list.collect { try await client.models($0) }
        try output.render(models) {
            TextTable(
                [.left("model"), .right("latest"), .left("aliases"), .left("updated"), .left("description")],
                rows: models.map(Self.row), whenEmpty: "There are no models; `turnout model create` makes one.")
        }
    }

    private static func row(_ model: Model) -> [StyledText] {
        let aliases = model.aliases.sorted { $0.key < $1.key }.map { "\($0.key) → \($0.value)" }
        return [
            StyledText(model.name.rawValue, .bold), StyledText(model.latestVersion.map(String.init) ?? "–"),
            StyledText(aliases.joined(separator: ", ")), StyledText(model.updatedAt.seconds),
            StyledText(model.description.firstLine),
        ]
    }
}
