import ArgumentParser
import ControlAPIClient
import Foundation
import Resources

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make endpoints what their files say: one release, or nothing.",
        discussion: """
            With a plan file, exactly that plan is applied, or refused with what changed in between (exit code 4). \
            Endpoints under a hold are recorded and wait (exit code 3). An endpoint belongs to the source, a repository \
            and directory, whose files declared it first; --adopt hands it over, --prune removes what is no longer in DIR.

            Examples:
              turnout apply endpoints/ --wait --reason "more for the challenger"
              turnout apply endpoints/ --env production
              turnout apply endpoints/ --prune
              turnout apply release.plan
            """)

    @Argument(help: ArgumentHelp("A directory, a file, or a plan.", valueName: "dir|file.plan"))
    var path: String

    @Option(
        help: ArgumentHelp("Refuse when what changes has changed since this release.", valueName: "release"),
        transform: checked)
    var base: Int?

    @OptionGroup var why: ReasonOption
    @OptionGroup var files: EndpointFilesOptions
    @OptionGroup var wait: WaitOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try connection.client()
        try await FileFaults.telling(machine: output.machine) {
            try await ChangeReport.tell(apply(client), client, wait, output)
        }
    }

    private func apply(_ client: APIClient) async throws -> ChangeOutcome {
        guard !path.hasSuffix(".plan") else { return try await client.apply(planned()) }
        let loaded = try files.load(path)
        var request = files.request(path, loaded, reason: why.reason)
        request.baseRelease = base
        return try await files.sent(path, loaded) { [request] in try await client.apply(request) }
    }

    private func planned() throws -> ApplyRequest {
        guard base == nil, files.isEmpty else {
            throw CommandFault(
                .usage,
                "a plan says all of this already: leave --base, --env, --commit, --source, --prune and --adopt out")
        }
        var request = try SealedPlan.read(from: path).exactRequest
        if let reason = why.reason { request.reason = reason }
        return request
    }
}
