import ArgumentParser

struct AliasCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias",
        abstract: "Movable names for versions; endpoints follow them when applied.",
        subcommands: [AliasSet.self, AliasDelete.self, AliasList.self, AliasHistory.self])
}
