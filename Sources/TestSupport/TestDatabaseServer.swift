internal import Glibc
internal import Postgres
internal import Synchronization

/// The server that the databases of this process's tests live on.
struct TestDatabaseServer: Sendable {
    private static let privateServer = Result {
        try PrivatePostgresServer(
            PostgresServerFixture.ephemeralConfiguration(), logger: TestDatabase.quietLogger)
    }
    private static let lastNumber = Atomic<Int>(0)
    /// Copying a template costs the server much more than a query, and tests come in crowds.
    private static let deadline = Duration.seconds(120)

    private let url: String

    /// The private server is started by whoever comes first; the others wait.
    static func current() async throws -> TestDatabaseServer {
        if let given = getenv("TURNOUT_TEST_DATABASE_URL").map({ String(cString: $0) }), !given.isEmpty {
            return TestDatabaseServer(url: given)
        }
        return TestDatabaseServer(url: try await privateServer.get().start())
    }

    func createDatabase(template: String?) async throws -> (name: String, url: String) {
        let number = Self.lastNumber.add(1, ordering: .relaxed).newValue
        let name = "test_\(getpid())_\(number)"
        let source = template.map { " TEMPLATE \(SQLText.identifier($0))" } ?? ""
        try await withConnection { connection in
            try await connection.script(
                "CREATE DATABASE \(SQLText.identifier(name))\(source)", deadline: .now + Self.deadline)
        }
        return (name, try url(of: name))
    }

    func dropDatabase(_ name: String) async throws {
        try await withConnection { connection in
            try await connection.script(
                "DROP DATABASE IF EXISTS \(SQLText.identifier(name)) WITH (FORCE)", deadline: .now + Self.deadline)
        }
    }

    /// The name of a database with these migrations applied, made by the first who asks, in whatever process. It gets its
    /// name when it's complete, so that an attempt that died is no template.
    func template(_ migrations: [Migration]) async throws -> String {
        let text = migrations.map { "\($0.name)\n\($0.sql)\n" }.joined()
        return try await withConnection { connection in
            let rows = try await connection.query("SELECT 'template_' || md5($1::text) AS name", [text])
            let name = try rows.first?.decode("name", as: String.self) ?? ""
            try await connection.execute(
                "SELECT pg_advisory_lock(hashtext($1))", [name], deadline: .now + Self.deadline)
            let found = try await connection.query("SELECT 1 FROM pg_database WHERE datname = $1", [name])
            if found.isEmpty {
                let (draft, draftURL) = try await createDatabase(template: nil)
                try await migrate(draftURL, migrations)
                try await connection.script(
                    "ALTER DATABASE \(SQLText.identifier(draft)) RENAME TO \(SQLText.identifier(name))")
            }
            // Closing the connection releases the lock.
            return name
        }
    }

    private func migrate(_ url: String, _ migrations: [Migration]) async throws {
        let pool = PostgresPool(
            PostgresConfiguration(url: url, maximumConnections: 1), logger: TestDatabase.quietLogger)
        do {
            _ = try await MigrationRunner(pool, migrations: migrations).apply()
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    private func url(of database: String) throws -> String {
        guard let url = PostgresURL.replacingDatabase(of: url, with: database) else {
            throw PostgresError(.connectFailed, "TURNOUT_TEST_DATABASE_URL must begin with postgresql://")
        }
        return url
    }

    private func withConnection<Value>(_ body: (PostgresConnection) async throws -> Value) async throws -> Value {
        let connection = try PostgresConnection(PostgresConfiguration(url: url, connectTimeout: .seconds(30)))
        try await connection.connect()
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }
}
