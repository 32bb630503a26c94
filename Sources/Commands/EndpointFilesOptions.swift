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

    @Option(help: ArgumentHelp("Where the files come from (default: the directory).", valueName: "name"))
    var source: String?

    /// Reads the files; warnings go to standard error.
    ///
    /// - Throws: `CommandFault` with every fault of every file.
    func load(_ path: String) throws -> LoadResult {
        let loaded = EndpointFiles.load(path, environment: environment)
        guard loaded.isValid else {
            throw CommandFault(
                .usage, "\(path) has faults, so nothing was changed",
                details: loaded.diagnostics.flatMap { $0.description.split(separator: "\n").map(String.init) })
        }
        for warning in loaded.diagnostics { CommandEnvironment.current.printError(warning.description) }
        return loaded
    }

    func request(_ path: String, _ loaded: LoadResult, reason: String? = nil) -> ApplyRequest {
        ApplyRequest(
            endpoints: loaded.endpoints.map(\.endpoint), environment: environment, reason: reason,
            commit: commit ?? CommandEnvironment.current.variable("TURNOUT_COMMIT") ?? Self.commit(of: path),
            source: source ?? path)
    }

    /// What git says of a directory, `-dirty` when files differ from it; `nil` outside of a repository.
    static func commit(of path: String) -> String? {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else { return nil }
        let directory = isDirectory.boolValue ? path : URL(fileURLWithPath: path).deletingLastPathComponent().path
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = [
            "git", "-C", directory, "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*",
        ]
        let pipe = Pipe()
        git.standardOutput = pipe
        git.standardError = FileHandle.nullDevice
        do {
            try git.run()
        } catch {
            return nil
        }
        let answer = pipe.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        let text = String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return git.terminationStatus == 0 && !text.isEmpty ? text : nil
    }
}
