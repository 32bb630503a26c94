import ArgumentParser
import ControlAPIClient
import Resources

struct AliasList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List a model's aliases.",
        discussion: """
            Examples:
              turnout alias list fraud
            """)

    @Argument(help: "The model's name, without '/', ':' and '@'.", transform: checked)
    var model: ModelArgument

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let aliases = try await list.collect { try await client.aliases(of: model.name, $0) }
        try output.render(aliases) {
            TextTable(
                [.left("alias"), .left("version"), .left("set"), .left("by")],
                rows: aliases.map { alias in
                    [
                        StyledText("\(alias.model)@\(alias.alias)", .bold),
                        StyledText("\(alias.model)/\(alias.version)"), StyledText(alias.updatedAt.seconds),
                        StyledText(alias.updatedBy),
                    ]
                },
                whenEmpty: "\(model.name) has no aliases.")
        }
    }
}
