package import Logging
import Postgres

/// Brings a database up to date, or only looks.
///
/// - Parameters:
///   - isCheck: changes nothing.
///   - say: is told what was found or done, line by line.
/// - Returns: whether the database is up to date now.
package func runMigrate(
    databaseURL: String, isCheck: Bool, logger: Logger, say: (String) -> Void
) async throws -> Bool {
    let pool = PostgresPool(
        PostgresConfiguration(url: databaseURL, maximumConnections: 1), logger: logger)
    do {
        let result = try await StartFault.explaining {
            try await migrate(pool, isCheck: isCheck, logger: logger, say: say)
        }
        await pool.shutdown()
        return result
    } catch {
        await pool.shutdown()
        throw error
    }
}

private func migrate(
    _ pool: PostgresPool, isCheck: Bool, logger: Logger, say: (String) -> Void
) async throws -> Bool {
    let schema = Schema(pool, logger: logger)
    if isCheck {
        let status = try await schema.check()
        for migration in status.pending { say("pending  \(migration.name)") }
        say(status.isUpToDate ? "The schema is up to date." : "The schema is out of date: run `turnout migrate`.")
        return status.isUpToDate
    }
    let applied = try await schema.migrate()
    for migration in applied { say("applied  \(migration.name)") }
    say(applied.isEmpty ? "Nothing to do: the schema is up to date." : "The schema is up to date now.")
    return true
}
