import ArgumentParser
import ControlAPIClient
import Foundation
import Resources

struct ArtifactPull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetch a version's artifacts, or one by its digest; every byte is checked.",
        discussion: """
            Examples:
              turnout artifact pull fraud/12      all of them, into this directory
              turnout artifact pull fraud/12 --to models/ --name model.joblib
              turnout artifact pull sha256:9f86d0… --to model.joblib
            """)

    private struct Pulled: Encodable {
        let digest: ArtifactDigest
        let path: String
    }

    @Argument(help: ArgumentHelp("fraud/12, fraud@alias, or sha256:….", valueName: "version|digest"))
    var subject: String

    @Option(help: ArgumentHelp("Only the artifact that the version calls so.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp("The directory to put a version's artifacts in; for a digest, the file.", valueName: "path"),
        completion: .file())
    var to: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        var pulled: [Pulled] = []
        if subject.hasPrefix(ArtifactDigest.prefix) {
            let digest = try ArtifactDigest(validating: subject)
            let file = URL(fileURLWithPath: to ?? digest.hex)
            try await ArtifactFile.pull(digest, to: file, client)
            pulled.append(Pulled(digest: digest, path: file.path))
        } else {
            let directory = URL(fileURLWithPath: to ?? ".", isDirectory: true)
            for artifact in try await artifacts(client) {
                let file = directory.appendingPathComponent(artifact.name.rawValue)
                try await ArtifactFile.pull(artifact.digest, to: file, client)
                pulled.append(Pulled(digest: artifact.digest, path: file.path))
            }
        }
        try output.render(pulled, text: { pulled.map(\.path).joined(separator: "\n") })
    }

    private func artifacts(_ client: APIClient) async throws -> [VersionArtifact] {
        let version = try await client.version(try await VersionShow.reference(subject, client))
        guard let name else {
            guard !version.artifacts.isEmpty else {
                throw CommandFault(.failed, "\(version.reference) has no artifacts")
            }
            return version.artifacts
        }
        let named = version.artifacts.filter { $0.name.rawValue == name }
        guard !named.isEmpty else {
            throw CommandFault(
                .failed, "\(version.reference) has no artifact '\(name)'",
                details: version.artifacts.map(\.name.rawValue), hint: "these are the ones it has")
        }
        return named
    }
}
