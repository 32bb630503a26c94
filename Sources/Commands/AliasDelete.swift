import ArgumentParser
import ControlAPIClient
import ControlAPITypes
import Resources

struct AliasDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an alias. One that doesn't exist is gone already.",
        discussion: """
            Examples:
              turnout alias delete fraud@champion
            """)

    @Argument(help: ArgumentHelp("The alias: fraud@champion.", valueName: "model@alias"), transform: checked)
    var alias: AliasArgument

    @Option(help: ArgumentHelp("Where it must point now.", valueName: "version"), transform: checked)
    var expected: Int?

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let deletion = try await connection.client().deleteAlias(
            alias.model, alias.alias, expected: expected, reason: why.reason)
        let name = "\(alias.model)@\(alias.alias)"
        try output.render(deletion, text: { deletion.deleted ? "deleted \(name)" : "there was no alias \(name)" })
    }
}
