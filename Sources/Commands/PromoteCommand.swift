import ArgumentParser
import ControlAPIClient
import Resources

struct PromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Give a variant traffic at once, and hold the endpoint there.",
        discussion: """
            The other variants divide what is left in proportion to what they have. Until the hold is released \
            (turnout resume), or git says the same, later applies of the endpoint are recorded and wait. --write brings the \
            split into the line that decides it, the overlay's where the overlay of --env sets it, so that git can say \
            the same.

            Examples:
              turnout promote fraud challenger
              turnout promote fraud challenger --traffic 25 --for 2h --reason "good so far"
              turnout promote fraud challenger --write endpoints/fraud.yaml
              turnout promote fraud challenger --write endpoints/ --env production
            """)

    @Argument(help: "The endpoint's name: lower-case letters, digits and '-'.", transform: checked)
    var endpoint: EndpointArgument

    @Argument(help: "The variant's name: lower-case letters, digits and '-'.", transform: checked)
    var variant: VariantArgument

    @Option(help: ArgumentHelp("Its share in per cent (default 100).", valueName: "percent"), transform: checked)
    var traffic: Share?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Release the hold after this time, such as 2h (default: never).", valueName: "time"),
        transform: checkedHold)
    var holdFor: Interval?

    @Flag(help: "Replace another person's hold.")
    var takeOver = false

    @OptionGroup var files: WriteOptions
    @OptionGroup var why: ReasonOption
    @OptionGroup var wait: WaitOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try files.check(endpoint.name, variant.name)
        let client = try connection.client()
        let outcome = try await client.promote(
            endpoint.name,
            PromoteRequest(
                variant: variant.name, traffic: traffic, holdFor: holdFor, reason: why.reason,
                takeOver: takeOver ? true : nil))
        let written = try files.bring(outcome, endpoint.name)
        try await ChangeReport.tell(outcome, written: written, client, wait, output)
    }
}
