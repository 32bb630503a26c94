import ArgumentParser
import ControlAPIClient
import ControlAPITypes

struct ModelDelete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a model with its aliases and versions.",
        discussion: """
            Refused while an endpoint uses one of its versions. Version numbers are never given again, even if a model
            of that name is created anew.

            Examples:
              turnout model delete fraud --reason "replaced by fraud-v2"
            """)

    @Argument(help: "The model's name, without '/', ':' and '@'.", transform: checked)
    var model: ModelArgument

    @OptionGroup var why: ReasonOption
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let deletion = try await connection.client().deleteModel(model.name, reason: why.reason)
        try output.render(deletion, text: { "deleted \(model.name)" })
    }
}
