import ArgumentParser
import ControlAPIClient
import Resources

struct VersionList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List a model's versions, the newest first.",
        discussion: """
            Examples:
              turnout version list fraud
              turnout version list fraud --limit 10 --output yaml
            """)

    @Argument(help: "The model's name, without '/', ':' and '@'.", transform: checked)
    var model: ModelArgument

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let versions = try await list.collect { try await client.versions(of: model.name, $0) }
        try output.render(versions) {
            TextTable(
                [
                    .left("version"), .left("aliases"), .left("commit"), .left("metrics"), .right("artifacts"),
                    .left("registered"), .left("by"),
                ],
                rows: versions.map(Self.row), whenEmpty: "\(model.name) has no versions.")
        }
    }

    private static func row(_ version: ModelVersion) -> [StyledText] {
        [
            StyledText(version.reference.description, .bold),
            StyledText(version.aliases.map(\.rawValue).joined(separator: ", ")),
            StyledText(String((version.commit ?? "").prefix(12))),
            StyledText(
                version.metrics.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")),
            StyledText(String(version.artifacts.count)), StyledText(version.createdAt.seconds),
            StyledText(version.createdBy),
        ]
    }
}
