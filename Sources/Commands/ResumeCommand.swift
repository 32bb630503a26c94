import ArgumentParser
import ControlAPIClient
import Resources

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Release an endpoint's hold: what git says goes live.",
        discussion: """
            Example: turnout resume fraud --wait
            """)

    @Argument(help: "The endpoint's name: lower-case letters, digits and '-'.", transform: checked)
    var endpoint: EndpointArgument

    @OptionGroup var why: ReasonOption
    @OptionGroup var wait: WaitOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        let outcome = try await client.resume(endpoint.name, ResumeRequest(reason: why.reason))
        try await ChangeReport.tell(outcome, client, wait, output)
    }
}
