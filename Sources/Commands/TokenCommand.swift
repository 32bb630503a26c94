import ArgumentParser

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Who may ask the control plane.",
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}
