import ArgumentParser
import ControlAPIClient
import Foundation
import Resources

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would change: revisions, splits, who moves, what is held.",
        discussion: """
            Changes nothing. Exits with 5 when there is something to apply, and with 0 when there is not. Also says where \
            what is live differs from what git said last, and what --prune would remove.

            Examples:
              turnout plan endpoints/
              turnout plan endpoints/ --env production
              turnout plan endpoints/ --out release.plan; turnout apply release.plan
              turnout plan endpoints/ --prune --output markdown > comment.md
            """)

    @Argument(help: ArgumentHelp("A directory or a file.", valueName: "dir"))
    var path: String

    @Option(help: ArgumentHelp("Write the plan to a file, for 'turnout apply FILE'.", valueName: "file.plan"))
    var out: String?

    @Flag(help: "Show every field of what the files say, and the file and line that it is from.")
    var merged = false

    @OptionGroup var files: EndpointFilesOptions
    @OptionGroup var connection: ConnectionOptions

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
        case yaml
        case markdown
    }

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("table, json, yaml, or markdown for a pull request's comment.", valueName: "format"))
    var output: Format = .table

    func validate() throws {
        if let out, !out.hasSuffix(".plan") {
            throw ValidationError("--out is '\(out)': expected a name ending in .plan")
        }
    }

    func run() async throws {
        let machine: MachineOutput? =
            switch output {
            case .json: .json
            case .yaml: .yaml
            case .table, .markdown: nil
            }
        try await FileFaults.telling(machine: machine, plan)
    }

    private func plan() async throws {
        let loaded = try files.load(path)
        let request = files.request(path, loaded)
        let client = try connection.client()
        let plan = try await files.sent(path, loaded) { try await client.plan(request) }
        if let out { try SealedPlan(PlanFile(plan: plan, request: request)).write(to: out) }
        let origins = FieldOrigins(plan, loaded, all: merged)
        let originated = Amended(value: plan, name: "origins", field: origins.fields)
        let environment = CommandEnvironment.current
        switch output {
        case .table: environment.print([plan.text, origins.text].compactMap { $0 }.joined(separator: "\n\n"))
        case .json: environment.print(try MachineOutput.json(originated))
        case .yaml: environment.print(try MachineOutput.yaml(originated))
        case .markdown: environment.print(plan.markdown(appendix: origins.text))
        }
        if plan.isPending { throw CommandExit.changesPending }
    }
}
