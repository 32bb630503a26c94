import ArgumentParser
import ControlAPIClient
import Resources

struct AliasHistory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show where an alias pointed, the latest move first.",
        discussion: """
            Examples:
              turnout alias history fraud@champion
            """)

    @Argument(help: ArgumentHelp("The alias: fraud@champion.", valueName: "model@alias"), transform: checked)
    var alias: AliasArgument

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let changes = try await list.collect { try await client.aliasChanges(alias.model, alias.alias, $0) }
        try output.render(changes) {
            TextTable(
                [.left("at"), .right("from"), .right("to"), .left("by"), .left("reason")],
                rows: changes.map { change in
                    [
                        StyledText(change.changedAt.seconds),
                        StyledText(change.previousVersion.map(String.init) ?? "–"),
                        StyledText(change.version.map(String.init) ?? "deleted"), StyledText(change.changedBy),
                        StyledText(change.reason?.firstLine ?? ""),
                    ]
                },
                whenEmpty: "\(alias.model)@\(alias.alias) never pointed anywhere.")
        }
    }
}
