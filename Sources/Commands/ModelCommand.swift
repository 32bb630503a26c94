import ArgumentParser

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Named families of versions.",
        subcommands: [ModelCreate.self, ModelList.self, ModelShow.self, ModelDelete.self])
}
