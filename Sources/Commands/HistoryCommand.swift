import ArgumentParser
import ControlAPIClient
import Resources

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List an endpoint's revisions, the newest first.",
        discussion: """
            Example: turnout history fraud --limit 20
            """)

    @Argument(help: "The endpoint's name.")
    var endpoint: EndpointArgument

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let revisions = try await list.collect { try await client.history(of: endpoint.name, $0) }
        try output.render(revisions) {
            TextTable(
                [
                    .right("revision"), .right("release"), .left("what"), .left("split"), .left("when"), .left("by"),
                    .left("commit"), .left("reason"),
                ], rows: revisions.map(Self.row))
        }
    }

    private static func row(_ revision: Revision) -> [StyledText] {
        var what = revision.origin.words
        if let restores = revision.restores { what += " to \(restores)" }
        if !revision.active { what += ", waited" }
        let split =
            revision.removed
            ? ["removed"] : revision.content.spec.variants.map { "\($0.name) \($0.model) \($0.traffic) %" }
        return [
            StyledText(String(revision.number), .bold), StyledText(String(revision.release)),
            StyledText(what, revision.active ? .plain : .warning), StyledText(split.joined(separator: ", ")),
            StyledText(revision.createdAt.seconds), StyledText(revision.actor),
            StyledText(String((revision.commit ?? "").prefix(12))), StyledText((revision.reason ?? "").firstLine),
        ]
    }
}

extension RevisionOrigin {
    var words: String {
        switch self {
        case .apply, .promote, .rollback, .resume: rawValue
        case .holdExpiry: "hold expired"
        }
    }
}
