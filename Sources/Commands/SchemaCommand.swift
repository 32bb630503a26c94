import ArgumentParser
import EndpointFiles

struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of endpoint files, for editors.",
        discussion: """
            JSON Schema 2020-12, with descriptions and examples. An editor that knows it completes keys and marks most \
            faults while one types; `turnout validate` finds them all.

            Examples:
              turnout schema > turnout.schema.json
              # first line of an endpoint file, for editors with the YAML language server:
              # yaml-language-server: $schema=turnout.schema.json
            """)

    func run() async throws { CommandEnvironment.current.writeOutput(try EndpointSchema.text()) }
}
