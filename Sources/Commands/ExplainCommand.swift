import ArgumentParser
import ControlAPIClient
import Resources

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which version serves or served a routing key, and who decided so.",
        discussion: """
            Computed from the revisions alone, for any moment since the endpoint's first. It speaks of the split: a \
            request that an override sent elsewhere is not covered.

            Examples:
              turnout explain fraud --key user-42
              turnout explain fraud --key user-42 --at 2026-11-01T10:00Z
            """)

    @Argument(help: "The endpoint's name: lower-case letters, digits and '-'.", transform: checked)
    var endpoint: EndpointArgument

    @Option(help: ArgumentHelp("The routing key.", valueName: "key"))
    var key: String

    @Option(help: ArgumentHelp("When (default: now).", valueName: "time"), transform: checked)
    var at: Timestamp?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let explanation = try await connection.client().explain(endpoint.name, key: key, at: at)
        try output.render(explanation, text: { Self.text(explanation) })
    }

    static func text(_ explanation: Explanation) -> String {
        var fields = FieldList()
        fields.add("endpoint", explanation.endpoint.rawValue)
        fields.add("key", explanation.key)
        fields.add("at", explanation.at.description)
        fields.add("bucket", String(explanation.bucket))
        fields.add("variant", explanation.variant.rawValue)
        fields.add("version", "\(explanation.model)/\(explanation.version)")
        fields.add("revision", String(explanation.revision))
        fields.add("release", String(explanation.release))
        fields.add("commit", explanation.commit)
        fields.add("by", explanation.actor)
        return fields.text
    }
}
