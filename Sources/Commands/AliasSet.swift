import ArgumentParser
import ControlAPIClient
import ControlAPITypes
import Resources

struct AliasSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Point an alias to a version.",
        discussion: """
            Examples:
              turnout alias set fraud@champion 13
              turnout alias set fraud@champion 13 --expected 12   only if it is 12 now
              turnout alias set fraud@champion 1 --expected 0     only if it is new
            """)

    @Argument(help: ArgumentHelp("The alias: fraud@champion.", valueName: "model@alias"), transform: checked)
    var alias: AliasArgument

    @Argument(help: "The version's number.", transform: checked)
    var version: Int

    @Option(
        help: ArgumentHelp("Where it must point now, 0 for nowhere; exit code 4 if not.", valueName: "version"),
        transform: checked)
    var expected: Int?

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let set = try await connection.client().setAlias(
            alias.model, alias.alias, AliasAssignment(version: version, expected: expected), reason: why.reason)
        try output.render(set, text: { "\(set.model)@\(set.alias) → \(set.model)/\(set.version)" })
    }
}
