import Foundation
import FoundationNetworking
import TestSupport

/// The processes of one installation, apart as in production: PostgreSQL, servers, proxies.
final class Fleet: Sendable {
    let scratch: Scratch
    let postgres: PostgresServerFixture
    let controlPort: Int
    let proxyPort: Int
    let adminPort: Int
    /// An admin's.
    let token: String

    private init(scratch: Scratch, postgres: PostgresServerFixture, token: String) throws {
        self.token = token
        self.scratch = scratch
        self.postgres = postgres
        controlPort = try LoopbackPort.reserve()
        proxyPort = try LoopbackPort.reserve()
        adminPort = try LoopbackPort.reserve()
    }

    /// Runs `body` with a migrated, running PostgreSQL of its own; starting the rest is up to the test.
    static func with<Value>(_ body: (Fleet) async throws -> Value) async throws -> Value {
        try await Scratch.with { scratch in
            try await PostgresServerFixture.with { postgres in
                let installer = CommandLineUser(controlURL: "", name: "installer", scratch: scratch.directory)
                try await installer.run("migrate", "--database-url", postgres.url)
                let created = try await installer.run(
                    "token", "create", "ada", "--role", "admin", "--database-url", postgres.url)
                let token = created.output.trimmingCharacters(in: .whitespacesAndNewlines)
                return try await body(Fleet(scratch: scratch, postgres: postgres, token: token))
            }
        }
    }

    var controlURL: String { "http://127.0.0.1:\(controlPort)" }

    func user() -> CommandLineUser {
        CommandLineUser(controlURL: controlURL, token: token, name: "ada", scratch: scratch.directory)
    }

    func startServer() throws -> TurnoutProcess {
        try TurnoutProcess(
            ["server", "--control", "127.0.0.1:\(controlPort)", "--data", scratch.file("server").path],
            environment: ["TURNOUT_DATABASE_URL": postgres.url], outputFile: scratch.file("server.log"))
    }

    func startProxy(_ more: String...) throws -> TurnoutProcess {
        try TurnoutProcess(
            [
                "proxy", "--url", controlURL, "--proxy", "127.0.0.1:\(proxyPort)", "--admin", "127.0.0.1:\(adminPort)",
                "--data", scratch.file("proxy").path,
            ] + more, environment: ["TURNOUT_TOKEN": token], outputFile: scratch.file("proxy.log"))
    }

    /// Waits until the control API answers and its database with it.
    func serverIsReady(_ server: TurnoutProcess) async throws {
        try await isReady("\(controlURL)/api/v1/readyz", server, "the control plane")
    }

    func proxyIsReady(_ proxy: TurnoutProcess) async throws {
        try await isReady("http://127.0.0.1:\(adminPort)/readyz", proxy, "the proxy")
    }
}

/// Waits until `url` answers 200; a process that ended meanwhile is reported with what it said.
func isReady(_ url: String, _ process: TurnoutProcess, _ what: String) async throws {
    try await eventually(deadline: .seconds(60), "\(what) at \(url)") {
        try process.mustRun(as: what)
        return await status(of: url) == 200
    }
}

/// The status that a GET is answered with; `nil` when nobody answers.
func status(of url: String) async -> Int? {
    await get(url)?.status
}

func get(_ url: String) async -> (status: Int, body: String)? {
    guard let url = URL(string: url) else { return nil }
    guard let (data, response) = try? await URLSession.shared.data(from: url) else { return nil }
    return (response as? HTTPURLResponse).map { ($0.statusCode, String(decoding: data, as: UTF8.self)) }
}
