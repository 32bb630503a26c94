package import Logging

/// Brings a database's schema up to date, forward only. Used by `migrate`, by `dev` at start, and by tests.
package struct MigrationRunner: Sendable {
    /// Any constant will do, as long as it's always the same: it's the name of a lock.
    private static let lockKey: Int64 = 0x7475_726E_6F75_7401
    private static let statementTimeout = Duration.seconds(3600)

    let pool: PostgresPool
    let migrations: [Migration]
    let logger: Logger

    /// - Parameter migrations: all of them, in order.
    package init(_ pool: PostgresPool, migrations: [Migration], logger: Logger? = nil) {
        self.pool = pool
        self.migrations = migrations
        self.logger = logger ?? pool.logger
    }

    /// Says how far the database is, without changing anything.
    /// - Throws: `.migrationRefused`, naming the migration, when a migration was changed or is missing or unknown.
    package func check() async throws -> MigrationStatus {
        try MigrationHistory.validate(migrations)
        return try await pool.withConnection { try await status($0) }
    }

    /// Applies what is pending, each migration in a transaction of its own. Any number of programs may do this at a time:
    /// one works and the others wait for it, for up to `lockTimeout`.
    /// - Returns: the migrations applied by this call.
    /// - Throws: `.migrationRefused` as `check`, or the server's error; the migrations before the failed one stay applied.
    package func apply(lockTimeout: Duration = .seconds(600)) async throws -> [Migration] {
        try MigrationHistory.validate(migrations)
        return try await pool.withConnection { connection in
            try await connection.execute(
                "SELECT pg_advisory_lock($1::bigint)", [Self.lockKey], deadline: .now + lockTimeout)
            let applied: [Migration]
            do {
                applied = try await applyPending(connection)
            } catch {
                // The lock belongs to the session: closing it is the one release that can't fail.
                await connection.close()
                throw error
            }
            try await connection.execute("SELECT pg_advisory_unlock($1::bigint)", [Self.lockKey])
            return applied
        }
    }

    private func applyPending(_ connection: PostgresConnection) async throws -> [Migration] {
        try await connection.script(
            """
            CREATE TABLE IF NOT EXISTS schema_migration (
                number integer PRIMARY KEY CHECK (number > 0),
                name text NOT NULL UNIQUE,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """)
        let pending = try await status(connection).pending
        for migration in pending {
            try await apply(migration, connection)
            logger.info("migration applied", metadata: ["migration.name": "\(migration.name)"])
        }
        return pending
    }

    private func apply(_ migration: Migration, _ connection: PostgresConnection) async throws {
        try await connection.begin(.readCommitted, readOnly: false)
        do {
            try await connection.script(migration.sql, deadline: .now + Self.statementTimeout)
        } catch let error as PostgresError {
            var named = error
            named.message = "migration \(migration.name): \(error.message)"
            throw named
        }
        guard connection.condition == .inTransaction else {
            throw PostgresError(.migrationRefused, "migration \(migration.name) ends its transaction; take that out")
        }
        try await connection.execute(
            """
            INSERT INTO schema_migration (number, name, checksum)
            VALUES ($1, $2, encode(sha256(convert_to($3, 'UTF8')), 'hex'))
            """, [migration.number, migration.name, migration.sql])
        try await connection.commit(readOnly: false)
    }

    private func status(_ connection: PostgresConnection) async throws -> MigrationStatus {
        let exists = try await connection.query("SELECT to_regclass('schema_migration') IS NOT NULL AS exists")
        var entries: [MigrationHistory.Entry] = []
        if try exists.first?.decode("exists", as: Bool.self) == true {
            let rows = try await connection.query("SELECT number, name, checksum FROM schema_migration ORDER BY number")
            for row in rows {
                entries.append(
                    MigrationHistory.Entry(
                        number: try row.decode("number"), name: try row.decode("name"),
                        checksum: try row.decode("checksum")))
            }
        }
        return try MigrationHistory.compare(migrations, checksums: try await checksums(connection), applied: entries)
    }

    /// PostgreSQL's own SHA-256, which spares this module a dependency.
    private func checksums(_ connection: PostgresConnection) async throws -> [String] {
        let rows = try await connection.query(
            """
            SELECT encode(sha256(convert_to(text, 'UTF8')), 'hex') AS checksum
            FROM unnest($1::text[]) WITH ORDINALITY AS migration (text, position) ORDER BY position
            """, [migrations.map(\.sql)])
        return try rows.map { try $0.decode("checksum") }
    }
}
