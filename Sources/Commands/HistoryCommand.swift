import ArgumentParser
import ControlAPIClient
import Resources

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List an endpoint's revisions, or its holds, the newest first.",
        discussion: """
            Examples:
              turnout history fraud --limit 20
              turnout history fraud --holds    who held it, and how each hold ended
            """)

    @Argument(help: "The endpoint's name: lower-case letters, digits and '-'.", transform: checked)
    var endpoint: EndpointArgument

    @Flag(help: "List the holds instead.")
    var holds = false

    @OptionGroup var list: ListOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        guard !holds else { return try await showHolds(client) }
        let revisions = try await list.collect { try await client.history(of: endpoint.name, $0) }
        try output.render(revisions) {
            TextTable(
                [
                    .right("revision"), .right("release"), .left("what"), .left("split"), .left("when"), .left("by"),
                    .left("commit"), .left("reason"),
                ], rows: revisions.map(Self.row))
        }
    }

    private func showHolds(_ client: APIClient) async throws {
        let records = try await list.collect { try await client.holds(of: endpoint.name, $0) }
        try output.render(records) {
            TextTable(
                [.left("since"), .left("what"), .left("by"), .left("until"), .left("ended"), .left("reason")],
                rows: records.map(Self.row), whenEmpty: "\(endpoint.name) was never held.")
        }
    }

    private static func row(_ record: HoldRecord) -> [StyledText] {
        let ended = record.ended.map { "\($0.at.seconds), \($0.why.words) by \($0.by)" }
        return [
            StyledText(record.hold.since.seconds), StyledText(record.hold.kind.rawValue),
            StyledText(record.hold.by, .bold), StyledText(record.hold.until?.seconds ?? "released"),
            StyledText(ended ?? "stands", ended == nil ? .warning : .plain),
            StyledText((record.hold.reason ?? "").firstLine),
        ]
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

extension Hold.End {
    var words: String {
        switch self {
        case .resumed, .expired, .replaced: rawValue
        case .caughtUp: "git caught up"
        }
    }
}
