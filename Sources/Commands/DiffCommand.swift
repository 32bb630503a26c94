import ArgumentParser
import ControlAPIClient
import Resources

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what lies between two revisions of an endpoint, or between two releases.",
        discussion: """
            Examples:
              turnout diff fraud 3 4        two revisions of fraud
              turnout diff 12 14            every endpoint, between two releases
            """)

    @Argument(
        help: ArgumentHelp("An endpoint's name and two revisions, or two releases.", valueName: "[endpoint] from to"))
    var what: [String]

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    private enum Subject {
        case revisions(EndpointName, Int, Int)
        case releases(Int, Int)
    }

    func validate() throws { _ = try subject() }

    func run() async throws {
        let client = try connection.client()
        switch try subject() {
        case .revisions(let endpoint, let from, let to):
            let difference = try await client.diff(of: endpoint, from: from, to: to)
            try output.render(difference, text: { Self.text(difference) })
        case .releases(let from, let to):
            let difference = try await client.diff(fromRelease: from, toRelease: to)
            try output.render(difference, text: { Self.text(difference) })
        }
    }

    private func subject() throws -> Subject {
        let numbers = what.suffix(2).compactMap(Int.init).filter { $0 >= 0 }
        guard (2...3).contains(what.count), numbers.count == 2 else {
            throw ValidationError("Name an endpoint and two of its revisions, or two releases.")
        }
        guard what.count == 3 else { return .releases(numbers[0], numbers[1]) }
        do {
            return .revisions(try EndpointName(validating: what[0]), numbers[0], numbers[1])
        } catch {
            throw ValidationError(error.message)
        }
    }

    static func text(_ difference: RevisionDifference) -> String {
        EndpointChange(
            endpoint: difference.endpoint, action: .update, fromRevision: difference.from, toRevision: difference.to,
            before: difference.before, after: difference.after, moves: difference.moves, fields: difference.fields,
            held: nil, warnings: []
        ).lines.joined(separator: "\n")
    }

    static func text(_ difference: ReleaseDifference) -> String {
        guard !difference.changes.isEmpty else {
            return "Releases \(difference.from) and \(difference.to) have the same live."
        }
        return difference.changes.map { $0.lines.joined(separator: "\n") }.joined(separator: "\n\n")
    }
}
