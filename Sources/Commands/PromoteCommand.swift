import ArgumentParser
import ControlAPIClient
import EndpointFiles
import Foundation
import Resources

struct PromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Give a variant traffic at once, and hold the endpoint there.",
        discussion: """
            The other variants divide what is left in proportion to what they have. Until the hold is released \
            (turnout resume), or git says the same, later applies of the endpoint are recorded and wait.

            Examples:
              turnout promote fraud challenger
              turnout promote fraud challenger --traffic 25 --for 2h --reason "looks good at 10 %"
              turnout promote fraud challenger --write endpoints/fraud.yaml
            """)

    @Argument(help: "The endpoint's name: lower-case letters, digits and '-'.")
    var endpoint: EndpointArgument

    @Argument(help: "The variant's name: lower-case letters, digits and '-'.")
    var variant: VariantArgument

    @Option(help: ArgumentHelp("Its share in per cent (default 100).", valueName: "percent"))
    var traffic: Share?

    @Option(name: .customLong("for"), help: ArgumentHelp("Release the hold after this time.", valueName: "time"))
    var holdFor: Interval?

    @Option(help: ArgumentHelp("Bring the new split into the endpoint's file as well.", valueName: "file"))
    var write: String?

    @Flag(help: "Replace another person's hold.")
    var takeOver = false

    @OptionGroup var why: ReasonOption
    @OptionGroup var wait: WaitOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let outcome = try await client.promote(
            endpoint.name,
            PromoteRequest(
                variant: variant.name, traffic: traffic, holdFor: holdFor, reason: why.reason,
                takeOver: takeOver ? true : nil))
        if let write { try Self.write(outcome, endpoint.name, to: write) }
        try await ChangeReport.tell(outcome, client, wait, output)
    }

    /// Only the traffic of the variants changes; comments, order and quoting stay.
    static func write(_ outcome: ChangeOutcome, _ endpoint: EndpointName, to file: String) throws {
        let shares = outcome.changes.first { $0.endpoint == endpoint }?.after.map { ($0.name, $0.traffic) } ?? []
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw CommandFault(.failed, "the split is live, but \(file) can't be read to bring it in")
        }
        do {
            try WriteBack.setTraffic(
                in: text, endpoint: endpoint, shares: Dictionary(shares, uniquingKeysWith: { first, _ in first })
            ).write(toFile: file, atomically: true, encoding: .utf8)
        } catch {
            let reason = (error as? TurnoutError)?.message ?? error.localizedDescription
            throw CommandFault(.failed, "the split is live, but was not brought into \(file): \(reason)")
        }
    }
}
