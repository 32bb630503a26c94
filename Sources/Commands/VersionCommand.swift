import ArgumentParser

struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Immutable, numbered members of a model.",
        subcommands: [
            VersionRegister.self, VersionList.self, VersionShow.self, VersionTag.self, VersionDelete.self,
        ])
}
