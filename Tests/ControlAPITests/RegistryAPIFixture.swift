import ControlAPI
import ControlAPIClient
import ControlPlane
import Foundation
import Logging
import RegistryStore
import Resources
import Signals
import TestSupport

/// A control API on a real socket, over a database and an artifact directory of its own.
struct RegistryAPIFixture: Sendable {
    let url: String
    let client: APIClient
    let controlPlane: ControlPlane
    let artifactDirectory: URL

    static func with<Value: Sendable>(
        asksForTokens: Bool = false, _ body: @Sendable (RegistryAPIFixture) async throws -> Value
    ) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("turnout-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await TestDatabase.withSchema { database in
            let controlPlane = ControlPlane(
                store: RegistryStore(pool: database.pool), artifactStore: ArtifactStore(directory: directory.path),
                logger: TestDatabase.quietLogger)
            let access: Access =
                asksForTokens
                ? .tokens { try await controlPlane.authenticate($0) } : .open(hosts: ["127.0.0.1"])
            let router = ControlAPIRouter(
                controlPlane: controlPlane, access: access, feed: LatestValue(TableFeed(table: nil)),
                takeReport: { _ in }, checkReadiness: {})
            let port = LatestValue<Int?>(nil)
            let server = ControlAPIServer(
                router: router.build(), host: "127.0.0.1", port: 0, logger: TestDatabase.quietLogger,
                onListening: { port.set($0) })
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                var bound: Int?
                for await value in port.values() where value != nil {
                    bound = value
                    break
                }
                let url = "http://127.0.0.1:\(bound ?? 0)"
                let value = try await body(
                    RegistryAPIFixture(
                        url: url, client: try APIClient(url: url, actor: "ada"), controlPlane: controlPlane,
                        artifactDirectory: directory))
                group.cancelAll()
                return value
            }
        }
    }
}
