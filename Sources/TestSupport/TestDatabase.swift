internal import Glibc
package import Logging
package import Postgres

/// A database for one test alone, with the schema in it. Tests run in parallel, each with its own.
///
/// All databases of a test process live on one private server, started by the first test and ended by the process's death,
/// or on the server that `TURNOUT_TEST_DATABASE_URL` names, whose user must be allowed to create databases.
package struct TestDatabase: Sendable {
    package let pool: PostgresPool
    /// Also for other processes, such as a server under test.
    package let url: String
    package let name: String

    package static let quietLogger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Runs `body` with a database to which the migrations were applied, and drops it.
    /// - Parameters:
    ///   - migrations: none for an empty database.
    ///   - configure: changes the pool's configuration, such as its size.
    package static func with<Value>(
        migrations: [Migration] = [], configure: (inout PostgresConfiguration) -> Void = { _ in },
        _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        let server = try await TestDatabaseServer.current()
        let template = migrations.isEmpty ? nil : try await server.template(migrations)
        let (name, url) = try await server.createDatabase(template: template)
        var configuration = PostgresConfiguration(url: url, applicationName: name)
        configure(&configuration)
        let database = TestDatabase(
            pool: PostgresPool(configuration, logger: quietLogger), url: url, name: name)
        do {
            let value = try await body(database)
            await database.pool.shutdown()
            try await server.dropDatabase(name)
            return value
        } catch {
            await database.pool.shutdown()
            try? await server.dropDatabase(name)
            throw error
        }
    }
}
