import ArgumentParser
import ControlAPIClient
import Foundation
import Resources

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would change: revisions, splits, who moves, what is held.",
        discussion: """
            Changes nothing. Exits with 5 when there is something to apply, and with 0 when there is not.

            Examples:
              turnout plan endpoints/
              turnout plan endpoints/ --env production
              turnout plan endpoints/ --out release.plan && turnout apply release.plan
            """)

    @Argument(help: ArgumentHelp("A directory or a file.", valueName: "dir"))
    var path: String

    @Option(help: ArgumentHelp("Write the plan to a file, for 'turnout apply FILE'.", valueName: "file.plan"))
    var out: String?

    @Flag(help: "Show every field of what the files say, and the file and line that it is from.")
    var merged = false

    @OptionGroup var files: EndpointFilesOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let out, !out.hasSuffix(".plan") {
            throw ValidationError("--out is '\(out)': expected a name ending in .plan")
        }
    }

    func run() async throws {
        let loaded = try files.load(path)
        let request = files.request(path, loaded)
        let plan = try await connection.client().plan(request)
        if let out {
            let text = try MachineOutput.json(PlanFile(plan: plan, request: request))
            do {
                try text.write(toFile: out, atomically: true, encoding: .utf8)
            } catch {
                throw CommandFault(.failed, "\(out) can't be written: \(error.localizedDescription)")
            }
        }
        let origins = FieldOrigins(plan, loaded, all: merged)
        try output.render(OriginatedPlan(plan: plan, origins: origins.fields)) {
            [plan.text, origins.text].compactMap { $0 }.joined(separator: "\n\n")
        }
        if plan.isPending { throw CommandExit.changesPending }
    }
}
