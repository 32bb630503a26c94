import ArgumentParser
import ControlAPIClient
import Resources

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Bring back an older revision: its content, and the identical users.",
        discussion: """
            Without --to, what was live before and said something else. The endpoint is held there until \
            'turnout resume', or until git says the same.

            Examples:
              turnout rollback fraud --reason "error rate doubled"
              turnout rollback fraud --to 3 --for 2h
              turnout rollback --release 12        every endpoint, all or none
            """)

    @Argument(help: "The endpoint's name: lower-case letters, digits and '-'.", transform: checked)
    var endpoint: EndpointArgument?

    @Option(help: ArgumentHelp("The revision to bring back.", valueName: "revision"), transform: checked)
    var to: Int?

    @Option(
        help: ArgumentHelp("Bring every endpoint back to what it was at a release.", valueName: "release"),
        transform: checked)
    var release: Int?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Release the hold after this time, such as 2h (default: never).", valueName: "time"),
        transform: checkedHold)
    var holdFor: Interval?

    @Flag(help: "Replace another person's hold.")
    var takeOver = false

    @OptionGroup var why: ReasonOption
    @OptionGroup var wait: WaitOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (endpoint == nil) != (release == nil) else {
            throw ValidationError("Name either an endpoint or --release.")
        }
        guard to == nil || release == nil else { throw ValidationError("--to goes with an endpoint, not --release.") }
    }

    func run() async throws {
        let client = try connection.client()
        let takesOver = takeOver ? true : nil
        let outcome: ChangeOutcome
        if let release {
            outcome = try await client.rollback(
                ReleaseRollbackRequest(release: release, holdFor: holdFor, reason: why.reason, takeOver: takesOver))
        } else if let endpoint {
            outcome = try await client.rollback(
                endpoint.name,
                RollbackRequest(toRevision: to, holdFor: holdFor, reason: why.reason, takeOver: takesOver))
        } else {
            throw CommandFault(.usage, "name either an endpoint or --release")
        }
        try await ChangeReport.tell(outcome, client, wait, output)
    }
}
