/// `GET /api/v1/version`
package struct ServerVersion: Sendable, Hashable, Codable {
    package var version: String

    package init(version: String) { self.version = version }

    /// This build's.
    package static let current = ServerVersion(version: "0.1.0")
}
