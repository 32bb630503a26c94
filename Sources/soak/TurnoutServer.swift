import ControlAPIClient
import Foundation
import Synchronization
import TestSupport

/// A `turnout server` of the run, at one address over all of its lives.
final class TurnoutServer: Sendable {
    let number: Int
    let relay: DatabaseRelay
    let url: String
    private let port: Int
    private let client: APIClient
    private let executable: URL?
    private let directory: URL
    private let process = Mutex<TurnoutProcess?>(nil)

    init(number: Int, relay: DatabaseRelay, executable: URL?, directory: URL) throws {
        self.number = number
        self.relay = relay
        self.executable = executable
        self.directory = directory
        port = try LoopbackPort.reserve()
        url = "http://127.0.0.1:\(port)"
        client = try APIClient(url: url)
    }

    /// Of all of its lives.
    var log: URL { directory.appending(path: "server-\(number).log") }

    func start(databaseURL: String) throws {
        let started = try TurnoutProcess(
            ["server", "--control", "127.0.0.1:\(port)", "--data", directory.appending(path: "server").path],
            executable: executable, environment: ["TURNOUT_DATABASE_URL": databaseURL], outputFile: log)
        process.withLock { $0 = started }
    }

    func send(_ signal: Int32) { process.withLock { $0?.send(signal) } }

    /// - Returns: the exit code, or minus the signal that ended it.
    func waitForExit() async throws -> Int32 {
        let running = process.withLock { $0 }
        return try await running?.waitForExit() ?? 0
    }

    /// Whether the lease's holder is this server's present life: its name holds the process id.
    func isHolder(_ name: String) -> Bool {
        let parts = name.split(separator: "-")
        return process.withLock { $0 }.map { parts.dropLast().last == "\($0.processIdentifier)" } ?? false
    }

    /// Whether it answers, and its database with it.
    ///
    /// - Throws: `ProcessFailure` when its process ended by itself.
    func isReady() async throws -> Bool {
        try process.withLock { $0 }?.mustRun(as: "server \(number)")
        return (try? await client.checkReadiness()) != nil
    }
}
