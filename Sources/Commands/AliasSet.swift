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
              turnout alias set fraud@champion 13 --expected 12    only if it points to 12 now (exit code 4 if not)
              turnout alias set fraud@champion 1 --expected 0      only if there is no such alias yet
            """)

    @Argument(help: ArgumentHelp("The alias: fraud@champion.", valueName: "model@alias"))
    var alias: AliasArgument

    @Argument(help: "The version's number.")
    var version: Int

    @Option(help: ArgumentHelp("Where it must point now; 0 for nowhere.", valueName: "version"))
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
