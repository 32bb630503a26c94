import ControlAPIClient
import EndpointFiles
import Resources

/// What is wrong with endpoint files, whoever found it: the parser here, or the registry.
///
/// As text it goes to standard error like every fault. JSON and YAML go to standard output, in the fields that `validate`
/// has.
struct FileFaults: Error {
    private let path: String
    private let diagnostics: [Diagnostic]
    /// What no line of the files can be blamed for.
    private let placeless: [EndpointFault]

    private struct Report: Encodable {
        let valid = false
        let diagnostics: [Diagnostic]
    }

    init(path: String, diagnostics: [Diagnostic]) {
        self.path = path
        self.diagnostics = diagnostics
        placeless = []
    }

    /// Makes the registry's faults those of the files' lines.
    ///
    /// - Returns: `nil` for an error of another kind.
    init?(_ error: any Error, path: String, loaded: LoadResult) {
        guard let error = error as? ClientError, !error.faults.isEmpty else { return nil }
        self.path = path
        var diagnostics: [Diagnostic] = []
        var placeless: [EndpointFault] = []
        for fault in error.faults {
            if let diagnostic = loaded.diagnostic(fault) {
                diagnostics.append(diagnostic)
            } else {
                placeless.append(fault)
            }
        }
        self.diagnostics = diagnostics.sorted { ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column) }
        self.placeless = placeless
    }

    var told: CommandFault {
        let lines = diagnostics.flatMap { $0.description.split(separator: "\n").map(String.init) }
        return CommandFault(
            .usage, "\(path) has faults, so nothing was changed", details: lines + placeless.map(\.description))
    }

    /// Runs what may find faults, and for a program prints them as it can read them.
    ///
    /// - Parameter machine: how the value is written; `nil` for people.
    static func telling(
        machine: MachineOutput?, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let faults as FileFaults {
            guard let machine else { throw faults }
            CommandEnvironment.current.print(try machine.text(Report(diagnostics: faults.diagnostics)))
            throw faults.placeless.isEmpty ? CommandExit.usage : faults
        }
    }
}
