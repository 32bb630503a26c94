import Foundation
import FoundationNetworking
import Synchronization
import TestSupport

/// A `turnout proxy` of the run, at the same ports and with the same files over all of its lives.
final class TurnoutProxy: Sendable {
    let number: Int
    /// Of scoring requests.
    let port: Int
    private let adminPort: Int
    private let server: String
    private let token: String
    private let executable: URL?
    private let directory: URL
    private let process = Mutex<TurnoutProcess?>(nil)
    private let session = URLSession(configuration: .ephemeral)

    /// - Parameter server: the URL of the one that it follows.
    init(number: Int, server: String, token: String, executable: URL?, directory: URL) throws {
        self.number = number
        self.server = server
        self.token = token
        self.executable = executable
        self.directory = directory
        (port, adminPort) = (try LoopbackPort.reserve(), try LoopbackPort.reserve())
    }

    var name: String { "proxy \(number)" }

    func start() throws {
        let started = try TurnoutProcess(
            [
                "proxy", "--url", server, "--proxy", "127.0.0.1:\(port)", "--admin", "127.0.0.1:\(adminPort)", "--data",
                directory.appending(path: "proxy-\(number)").path, "--threads", "1",
            ], executable: executable, environment: ["TURNOUT_TOKEN": token],
            outputFile: directory.appending(path: "proxy-\(number).log"))
        process.withLock { $0 = started }
    }

    func send(_ signal: Int32) { process.withLock { $0?.send(signal) } }

    /// - Returns: the exit code, or minus the signal that ended it.
    func waitForExit(within deadline: Duration = .seconds(45)) async throws -> Int32 {
        let running = process.withLock { $0 }
        return try await running?.waitForExit(within: deadline) ?? 0
    }

    /// Whether it serves a table.
    ///
    /// - Throws: `ProcessFailure` when its process ended by itself.
    func isReady() async throws -> Bool {
        try process.withLock { $0 }?.mustRun(as: name)
        guard let url = URL(string: "http://127.0.0.1:\(adminPort)/readyz") else { return false }
        guard let answer = try? await session.data(from: url) else { return false }
        return (answer.1 as? HTTPURLResponse)?.statusCode == 200
    }
}
