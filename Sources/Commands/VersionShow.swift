import ArgumentParser
import ControlAPIClient
import Resources

struct VersionShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a version.",
        discussion: """
            Examples:
              turnout version show fraud/12
              turnout version show fraud@champion
            """)

    @Argument(help: "The version: fraud/12, or fraud@alias.")
    var version: String

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let version = try await client.version(try await Self.reference(version, client))
        try output.render(version, text: { Self.text(version) })
    }

    /// The version that `fraud/12` or, just now, `fraud@alias` means.
    static func reference(_ text: String, _ client: APIClient) async throws -> VersionReference {
        switch try VersionSelector(parsing: text) {
        case .version(let reference): reference
        case .alias(let model, let alias):
            VersionReference(model: model, version: try await client.alias(model, alias).version)
        }
    }

    static func text(_ version: ModelVersion) -> String {
        var fields = FieldList()
        fields.add("version", version.reference.description)
        fields.add("description", version.description)
        fields.add("source", version.source)
        fields.add("commit", version.commit)
        fields.add("run", [version.runID, version.runLink].compactMap { $0 }.joined(separator: " "))
        fields.add("metrics", version.metrics.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "\n"))
        fields.add("tags", version.tags.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "\n"))
        fields.add("aliases", version.aliases.map(\.rawValue).joined(separator: "\n"))
        fields.add(
            "artifacts", version.artifacts.map { "\($0.name)  \($0.digest)  \($0.size) bytes" }.joined(separator: "\n"))
        fields.add("registered", "\(version.createdAt.seconds) by \(version.createdBy)")
        return fields.text
    }
}
