import ArgumentParser
import EndpointFiles
import Foundation
import Resources

/// Which endpoint files, and where they come from.
struct EndpointFilesOptions: ParsableArguments {
    @Option(name: .customLong("env"), help: EnvironmentHelp.text)
    var environment: String?

    @Option(
        help: ArgumentHelp(
            "The commit that the files are of (TURNOUT_COMMIT; default: what git says).", valueName: "sha"))
    var commit: String?

    @Option(
        help: ArgumentHelp(
            "Where the files come from (default: repository//directory as git says, or else the absolute directory).",
            valueName: "name"))
    var source: String?

    @Flag(help: "Remove what the same source no longer holds. Needs the whole directory.")
    var prune = false

    @Flag(help: "Take over endpoints that another source declares.")
    var adopt = false

    /// Whether none was given.
    var isEmpty: Bool { environment == nil && commit == nil && source == nil && !prune && !adopt }

    /// Reads the files; warnings go to standard error.
    ///
    /// - Throws: `FileFaults` with every fault of every file.
    func load(_ path: String) throws -> LoadResult {
        guard Self.isDirectory(path) || !prune else {
            throw CommandFault(
                .usage, "\(path) is only a part of its source, so --prune can't say what is no longer there",
                hint: "give the directory instead")
        }
        let loaded = EndpointFiles.load(path, environment: environment)
        guard loaded.isValid else { throw FileFaults(path: path, diagnostics: loaded.diagnostics) }
        for warning in loaded.diagnostics { CommandEnvironment.current.printError(warning.description) }
        return loaded
    }

    func request(_ path: String, _ loaded: LoadResult, reason: String? = nil) -> ApplyRequest {
        let endpoints = loaded.endpoints.map(\.endpoint)
        let commit = commit ?? CommandEnvironment.current.variable("TURNOUT_COMMIT")
        // Git is asked only for what nobody said.
        let origin = commit == nil || source == nil ? FileOrigin(of: path) : nil
        return ApplyRequest(
            endpoints: endpoints, environment: environment, reason: reason, commit: commit ?? origin?.commit,
            source: source ?? origin?.source, inventory: Self.isDirectory(path) ? endpoints.map(\.name) : nil,
            prune: prune ? true : nil, adopt: adopt ? true : nil)
    }

    /// Sends what the files say.
    ///
    /// - Throws: `FileFaults` when the registry finds some.
    func sent<Answer>(
        _ path: String, _ loaded: LoadResult, _ send: () async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await send()
        } catch {
            throw FileFaults(error, path: path, loaded: loaded) ?? error
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }
}
