import ArgumentParser
import ControlAPIClient
import Resources

struct TokenRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a token at once.",
        discussion: """
            Examples:
              turnout token revoke 3f9a1c22b0d4 --reason "laptop lost"
            """)

    @Argument(help: "The token's id, as `turnout token list` shows it.")
    var id: String

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let revoked = try await connection.client().revokeToken(id, reason: why.reason)
        try output.render(revoked, text: { "revoked \(revoked.id) (\(revoked.name))" })
    }
}
