import ArgumentParser

struct ArtifactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact",
        abstract: "Bytes that belong to versions, addressed by SHA-256.",
        subcommands: [ArtifactPush.self, ArtifactPull.self, ArtifactVerify.self])
}
