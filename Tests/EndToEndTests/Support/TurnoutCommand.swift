import Foundation
import TestSupport

/// What one run of the command line printed and how it ended.
struct CommandResult: Sendable {
    let exitCode: Int32
    let output: String
    let errors: String

    func json<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(output.utf8))
        } catch {
            throw EndToEndFailure("not the expected JSON: \(error)\n\(output)\n\(errors)")
        }
    }
}

/// Runs `turnout` to its end, as a person or CI would.
struct CommandLineUser: Sendable {
    let controlURL: String
    var token = ""
    let name: String
    let scratch: URL

    @discardableResult
    func run(_ arguments: String..., expecting exitCode: Int32? = 0) async throws -> CommandResult {
        let id = UUID().uuidString
        let output = scratch.appending(path: "command-\(id).out")
        let errors = scratch.appending(path: "command-\(id).err")
        let process = Process()
        process.executableURL = try TurnoutProcess.executable()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging([
            "TURNOUT_URL": controlURL, "TURNOUT_ACTOR": name, "TURNOUT_TOKEN": token,
        ]) { $1 }.filter { !$0.value.isEmpty }
        try Data().write(to: output)
        try Data().write(to: errors)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        let status = try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { ended.resume(throwing: error) }
        }
        let result = CommandResult(
            exitCode: status, output: try String(contentsOf: output, encoding: .utf8),
            errors: try String(contentsOf: errors, encoding: .utf8))
        if let exitCode, exitCode != status {
            throw EndToEndFailure(
                "turnout \(arguments.joined(separator: " ")) ended with \(status), expected \(exitCode)\n"
                    + result.output + result.errors)
        }
        return result
    }
}
