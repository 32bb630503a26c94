import ControlAPI
import ControlAPITestSupport
import ControlPlane
import Foundation
import Logging
import RegistryStore
import Resources
import Signals
import TestSupport

/// A control API on a real socket for commands to talk to, and a directory for their files. What the commands send and
/// get is held against the API's document.
struct RegistryServer: Sendable {
    let url: String
    let directory: URL

    let controlPlane: ControlPlane
    let store: RegistryStore

    static func with<Value: Sendable>(
        asksForTokens: Bool = false, _ body: @Sendable (RegistryServer) async throws -> Value
    ) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("turnout-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await TestDatabase.withSchema { database in
            let store = RegistryStore(pool: database.pool)
            let controlPlane = ControlPlane(
                store: store,
                artifactStore: ArtifactStore(directory: directory.appendingPathComponent("store").path),
                logger: TestDatabase.quietLogger)
            let access: Access =
                asksForTokens
                ? .tokens { try await controlPlane.authenticate($0) } : .open(hosts: ["127.0.0.1"])
            let router = ControlAPIRouter(
                controlPlane: controlPlane, access: access, feed: LatestValue(TableFeed()), takeReport: { _ in },
                checkReadiness: {})
            return try await RunningControlAPI.with(router) { running in
                try await body(
                    RegistryServer(url: running.url, directory: directory, controlPlane: controlPlane, store: store))
            }
        }
    }

    /// Runs a command line against this server.
    func run(_ arguments: String...) async -> CommandRun {
        await CommandRun.of(arguments, variables: ["TURNOUT_URL": url, "TURNOUT_ACTOR": "ada"])
    }

    /// A token of a role.
    func token(_ role: Role) async throws -> String {
        try await controlPlane.createToken(
            name: "someone", role: role, lifetime: nil, by: Caller(actor: "root", role: .admin)
        ).secret
    }

    /// Writes a file and returns its path.
    func file(_ name: String, _ content: String) throws -> String {
        let file = directory.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: file)
        return file.path
    }

    func content(_ path: String) throws -> String {
        try String(contentsOf: directory.appendingPathComponent(path), encoding: .utf8)
    }
}
