import ArgumentParser
import ControlAPIClient
import ControlAPITypes
import Resources

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token. Its secret is shown once and kept nowhere.",
        discussion: """
            Roles: viewer reads; operator also registers, applies, promotes, rolls back; admin also deletes, and manages
            tokens. Proxies need viewer.

            Examples:
              turnout token create ci --role operator --expires 90d
              export TURNOUT_TOKEN=$(turnout token create me --role admin)
            """)

    @Argument(help: "Whom or what it is for; the actor in the audit log.")
    var name: String

    @Option(help: ArgumentHelp("viewer, operator or admin.", valueName: "role"))
    var role: Role

    @Option(help: ArgumentHelp("How long it lasts; for ever without it.", valueName: "time"))
    var expires: Interval?

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let created = try await connection.client().createToken(
            TokenDraft(name: name, role: role, lifetime: expires), reason: why.reason)
        try output.render(created, text: { created.secret })
    }
}
