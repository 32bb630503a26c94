import ArgumentParser
import ControlAPIClient
import ControlAPITypes
import Logging
import Resources
import ServerApp

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token. Its secret is shown once and kept nowhere.",
        discussion: """
            Roles: viewer reads; operator also registers, applies, promotes, rolls back; admin also deletes, and manages \
            tokens; proxy is for `turnout proxy` alone.

            Examples:
              turnout token create ci --role operator --expires 90d
              turnout token create proxy-1 --role proxy
              turnout token create me --role admin --database-url postgres://db/turnout

            With --database-url it writes to the database itself: the way to the first token.
            """)

    @Argument(help: "Whom or what it is for; the actor in the audit log.")
    var name: String

    @Option(help: ArgumentHelp("viewer, operator, admin or proxy.", valueName: "role"))
    var role: Role

    @Option(help: ArgumentHelp("How long it lasts; for ever without it.", valueName: "time"), transform: checked)
    var expires: Interval?

    @Option(
        name: .customLong("database-url"),
        help: ArgumentHelp("Write to this PostgreSQL instead of asking a control plane.", valueName: "url"))
    var databaseURL: String?

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let draft = TokenDraft(name: name, role: role, lifetime: expires)
        let created = try await create(draft)
        try output.render(created, text: { created.secret })
    }

    private func create(_ draft: TokenDraft) async throws -> CreatedToken {
        guard let databaseURL else { return try await connection.client().createToken(draft, reason: why.reason) }
        let environment = CommandEnvironment.current
        return try await runTokenCreate(
            databaseURL: databaseURL, draft: draft, reason: why.reason, actor: ConnectionOptions.actor(environment),
            logger: environment.logger(defaultLevel: .warning))
    }
}
