import ArgumentParser
import ControlAPIClient
import ControlAPITypes

struct VersionDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a version with its aliases; its number is never given again.",
        discussion: """
            Refused while an endpoint uses it.

            Examples:
              turnout version delete fraud/12 --reason "trained on leaked labels"
            """)

    @Argument(help: "The version: fraud/12.", transform: checked)
    var version: VersionArgument

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let deletion = try await connection.client().deleteVersion(version.reference, reason: why.reason)
        try output.render(deletion, text: { "deleted \(version.reference)" })
    }
}
