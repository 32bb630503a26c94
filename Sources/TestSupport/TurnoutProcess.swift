package import Foundation
internal import Synchronization

/// The `turnout` of this build, running as a user would run it: a process with arguments and an environment.
///
/// Its output goes to a file in the scratch directory, so that a chatty process never blocks on a full pipe.
package final class TurnoutProcess: Sendable {
    private let process: Mutex<Process>
    package let processIdentifier: Int32
    package let outputFile: URL

    /// - Parameters:
    ///   - executable: `nil` for the one of this build.
    ///   - environment: added to what the test itself runs with; an empty value removes a variable.
    package init(
        _ arguments: [String], executable: URL? = nil, environment: [String: String] = [:], outputFile: URL
    ) throws {
        self.outputFile = outputFile
        let process = Process()
        process.executableURL = try executable ?? Self.executable()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("TURNOUT_") }
            .merging(environment) { $1 }.filter { !$0.value.isEmpty }
        if !FileManager.default.fileExists(atPath: outputFile.path) {
            try Data().write(to: outputFile)
        }
        let output = try FileHandle(forWritingTo: outputFile)
        try output.seekToEnd()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        processIdentifier = process.processIdentifier
        self.process = Mutex(process)
    }

    deinit { send(SIGKILL) }

    package var isRunning: Bool { process.withLock { $0.isRunning } }

    /// For those who wait for what a process that ended will never do.
    ///
    /// - Throws: `ProcessFailure` with what the process said last.
    package func mustRun(as name: String) throws {
        if !isRunning { throw ProcessFailure("\(name) ended: \(output().suffix(2_000))") }
    }

    package func send(_ signal: Int32) {
        process.withLock { process in
            if process.isRunning { kill(processIdentifier, signal) }
        }
    }

    /// - Returns: the exit code, or minus the signal that ended it.
    package func waitForExit(within deadline: Duration = .seconds(30)) async throws -> Int32 {
        try await eventually(deadline: deadline, "the end of process \(processIdentifier)") { !isRunning }
        return process.withLock { process in
            process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }
    }

    package func output() -> String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }

    /// Beside the program or test bundle that runs, where the build puts every product.
    package static func executable() throws -> URL {
        var directory = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        for _ in 0..<6 {
            let candidate = directory.appending(path: "turnout")
            if FileManager.default.isExecutableFile(atPath: candidate.path) {
                return candidate
            }
            directory = directory.deletingLastPathComponent()
        }
        throw ProcessFailure("no turnout executable beside \(CommandLine.arguments[0])")
    }
}
