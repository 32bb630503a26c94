import ArgumentParser
import ControlAPIClient
import Foundation
import Resources

struct ArtifactPush: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Push a file, and print its digest.",
        discussion: """
            `version register --artifact` pushes by itself. Pushing a file again changes nothing, but mends a copy that
            was damaged on the server.

            Examples:
              turnout artifact push model.joblib
            """)

    @Argument(help: ArgumentHelp("The file.", valueName: "path"), completion: .file())
    var file: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let files = try ArtifactFile.files(file)
        guard let only = files.first, files.count == 1 else {
            throw CommandFault(.usage, "\(file) is a directory: an artifact is one file")
        }
        let artifact = try await only.push(try connection.client())
        try output.render(artifact, text: { artifact.digest.rawValue })
    }
}
