import ArgumentParser
import ControlAPIClient
import Resources

struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List tokens, without their secrets.",
        discussion: """
            Examples:
              turnout token list
            """)

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let tokens = try await list.collect { try await client.tokens($0) }
        try output.render(tokens) {
            TextTable(
                [.left("id"), .left("name"), .left("role"), .left("created"), .left("expires"), .left("revoked")],
                rows: tokens.map { token in
                    [
                        StyledText(token.id, .bold), StyledText(token.name), StyledText(token.role.rawValue),
                        StyledText("\(token.createdAt.seconds) by \(token.createdBy)"),
                        StyledText(token.expiresAt?.seconds ?? "never"),
                        StyledText(token.revokedAt.map { "\($0.seconds) by \(token.revokedBy ?? "")" } ?? "", .bad),
                    ]
                },
                whenEmpty: "There are no tokens.")
        }
    }
}
