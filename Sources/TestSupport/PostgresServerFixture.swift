internal import Glibc
package import Postgres

/// A PostgreSQL server for one test alone, which the test may stop, crash and start again. Deleted in the end.
package struct PostgresServerFixture: Sendable {
    package let server: PrivatePostgresServer
    /// Stays the same over restarts.
    package let url: String

    /// Runs `body` with a started server.
    package static func with<Value>(
        _ body: (PostgresServerFixture) async throws -> Value
    ) async throws -> Value {
        let server = try PrivatePostgresServer(ephemeralConfiguration(), logger: TestDatabase.quietLogger)
        let url = try await server.start()
        do {
            let value = try await body(PostgresServerFixture(server: server, url: url))
            try await remove(server)
            return value
        } catch {
            try? await remove(server)
            throw error
        }
    }

    /// Starts the server again after `stop`.
    package func start() async throws { try await server.start() }

    /// Stops the server: orderly, or as if it had crashed.
    package func stop(_ mode: PrivatePostgresServer.StopMode = .fast) async throws { try await server.stop(mode) }

    /// Stops and starts.
    package func restart(_ mode: PrivatePostgresServer.StopMode = .immediate) async throws {
        try await stop(mode)
        try await start()
    }

    /// A server deletes its files when it's stopped for good, so one that the test left stopped is started once more.
    private static func remove(_ server: PrivatePostgresServer) async throws {
        try await server.start()
        try await server.stop(.fast, forGood: true)
    }

    /// A fresh directory directly under `/tmp`, where the user `postgres` can go too.
    static func ephemeralConfiguration() throws -> PrivatePostgresConfiguration {
        var template = Array("/tmp/turnout-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PostgresError(.privateServer, "mkdtemp: errno \(errno)") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // mkdtemp lets nobody else in; the cluster below it is closed in its own right.
        chmod(directory, 0o711)
        var configuration = PrivatePostgresConfiguration(directory: directory + "/postgres")
        configuration.isEphemeral = true
        configuration.removable = directory
        configuration.maximumConnections = 300
        return configuration
    }
}
