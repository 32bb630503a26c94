import ArgumentParser

/// How a command shows its result.
struct OutputOptions: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
        case yaml
    }

    @Option(name: .shortAndLong, help: ArgumentHelp("How the result is shown.", valueName: "format"))
    var output: Format = .table

    /// How a program reads a value; `nil` for people.
    var machine: MachineOutput? {
        switch output {
        case .table: nil
        case .json: .json
        case .yaml: .yaml
        }
    }

    /// Prints a result: as JSON or YAML the value itself, as a table what `table` makes of it.
    func render(_ value: some Encodable, table: () -> TextTable) throws {
        try render(value, text: { table().text(color: CommandEnvironment.current.usesColor) })
    }

    /// Prints a result: as JSON or YAML the value itself, otherwise the text, which may be empty.
    func render(_ value: some Encodable, text: () -> String) throws {
        let environment = CommandEnvironment.current
        switch output {
        case .table:
            let shown = text()
            if !shown.isEmpty { environment.print(shown) }
        case .json: environment.print(try MachineOutput.json(value))
        case .yaml: environment.print(try MachineOutput.yaml(value))
        }
    }
}
