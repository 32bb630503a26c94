import ControlAPI
import ControlAPIClient
import ControlAPITestSupport
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
                controlPlane: controlPlane, access: access, feed: LatestValue(TableFeed()),
                takeReport: { _ in }, checkReadiness: {})
            return try await RunningControlAPI.with(router) { running in
                try await body(
                    RegistryAPIFixture(
                        url: running.url, client: try APIClient(url: running.url, actor: "ada"),
                        controlPlane: controlPlane, artifactDirectory: directory))
            }
        }
    }
}
