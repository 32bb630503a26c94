import ArgumentParser
import ControlAPIClient
import Resources

struct ArtifactVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hash artifacts anew on the server, and name the damaged ones.",
        discussion: """
            Exit code 1 when one is damaged.

            Examples:
              turnout artifact verify                   all of them
              turnout artifact verify sha256:9f86d0…
            """)

    @Argument(help: "One artifact; all of them without it.")
    var digest: String?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        var inspections: [ArtifactInspection] = []
        if let digest {
            inspections.append(try await client.verifyArtifact(try ArtifactDigest(validating: digest)))
        } else {
            var cursor: String?
            repeat {
                let page = try await client.artifacts(PageRequest(cursor: cursor))
                for artifact in page.items { inspections.append(try await client.verifyArtifact(artifact.digest)) }
                cursor = page.nextCursor
            } while cursor != nil
        }
        let damaged = inspections.filter { $0.damage != nil }
        try output.render(inspections, text: { Self.text(damaged, of: inspections.count) })
        if !damaged.isEmpty { throw CommandExit.failed }
    }

    private static func text(_ damaged: [ArtifactInspection], of count: Int) -> String {
        let lines = damaged.map { inspection in
            let versions = inspection.versions.map(\.description).joined(separator: ", ")
            return "damaged: \(inspection.digest): \(inspection.damage ?? "")"
                + (versions.isEmpty ? "" : " (\(versions))")
        }
        let sum = "\(count - damaged.count) of \(count) \(count == 1 ? "artifact is" : "artifacts are") whole"
        return (lines + [sum]).joined(separator: "\n")
    }
}
