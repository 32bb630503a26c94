import ArgumentParser
import ControlAPIClient
import Resources

struct ReleasesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "releases",
        abstract: "List the releases, the newest first.",
        discussion: """
            Example: turnout releases --limit 20
            """)

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let releases = try await list.collect { try await client.releases($0) }
        try output.render(releases) {
            TextTable(
                [
                    .right("release"), .left("what"), .left("when"), .left("by"), .left("commit"), .left("endpoints"),
                    .left("reason"),
                ], rows: releases.map(Self.row), whenEmpty: "There are no releases yet.")
        }
    }

    private static func row(_ release: Release) -> [StyledText] {
        let shown = release.endpoints.prefix(4).map(\.rawValue).joined(separator: ", ")
        let more = release.endpoints.count > 4 ? " and \(release.endpoints.count - 4) more" : ""
        return [
            StyledText(String(release.number), .bold), StyledText(release.origin.words),
            StyledText(release.createdAt.seconds), StyledText(release.actor),
            StyledText(String((release.commit ?? "").prefix(12))), StyledText(shown + more),
            StyledText((release.reason ?? "").firstLine),
        ]
    }
}
