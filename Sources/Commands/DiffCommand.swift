import ArgumentParser
import ControlAPIClient
import Resources

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what lies between two revisions of an endpoint.",
        discussion: """
            Example: turnout diff fraud 3 4
            """)

    @Argument(help: "The endpoint's name.")
    var endpoint: EndpointArgument

    @Argument(help: "The one revision.")
    var from: Int

    @Argument(help: "The other revision.")
    var to: Int

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let difference = try await connection.client().diff(of: endpoint.name, from: from, to: to)
        try output.render(difference, text: { Self.text(difference) })
    }

    static func text(_ difference: RevisionDifference) -> String {
        EndpointChange(
            endpoint: difference.endpoint, action: .update, fromRevision: difference.from, toRevision: difference.to,
            before: difference.before, after: difference.after, moves: difference.moves, fields: difference.fields,
            held: nil, warnings: []
        ).lines.joined(separator: "\n")
    }
}
