import Foundation

/// A directory of one test, deleted at its end, and the free ports that it uses.
struct Scratch: Sendable {
    let directory: URL

    static func with<Value>(_ body: (Scratch) async throws -> Value) async throws -> Value {
        let directory = URL(filePath: "/tmp/turnout-e2e-\(UUID().uuidString.prefix(8).lowercased())")
        // PostgreSQL refuses to run as root and then runs as another user, who must be able to pass.
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await body(Scratch(directory: directory))
    }

    func file(_ name: String) -> URL { directory.appending(path: name) }

    /// Writes an endpoint file below `endpoints/`.
    func write(_ text: String, to name: String) throws {
        let file = directory.appending(path: "endpoints/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    var endpoints: String { directory.appending(path: "endpoints").path }
}

/// The endpoint file of most tests: two versions of one model, split by user.
func endpointFile(_ name: String = "fraud", champion: String, challenger: String, traffic: String) -> String {
    """
    apiVersion: turnout/v1
    kind: Endpoint
    metadata: { name: \(name), owner: risk-ml }
    spec:
      routingKey: { header: x-user-id }
      variants:
        - { name: champion, model: fraud/1, traffic: rest, backends: ["http://\(champion)"] }
        - { name: challenger, model: fraud/2, traffic: \(traffic), backends: ["http://\(challenger)"] }

    """
}
