package import Logging
package import Postgres
import Resources

/// The schema that this build needs, and how far a database is from it.
package struct Schema: Sendable {
    private let runner: MigrationRunner

    package init(_ pool: PostgresPool, logger: Logger) {
        runner = MigrationRunner(pool, migrations: EmbeddedMigrations.all, logger: logger)
    }

    /// Changes nothing.
    package func check() async throws -> MigrationStatus { try await runner.check() }

    /// Brings the database up to date.
    /// - Returns: what was applied by this call.
    package func migrate() async throws -> [Migration] { try await runner.apply() }

    /// - Throws: `TurnoutError` with code `conflict` unless the database is up to date.
    package func requireCurrent() async throws {
        let status = try await check()
        guard !status.isUpToDate else { return }
        let names = status.pending.map(\.name).joined(separator: ", ")
        throw TurnoutError(.conflict, "The database lacks \(names): run `turnout migrate` first.")
    }
}
