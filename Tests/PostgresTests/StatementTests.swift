import Postgres
import TestSupport
import Testing

struct StatementTests {
    @Test func `A refused statement keeps SQLSTATE, constraint and table, and its public text shows no data`()
        async throws
    {
        try await TestDatabase.with { database async throws in
            let pool = database.pool
            try await pool.withConnection { try await $0.script("CREATE TABLE model (name text UNIQUE)") }
            #expect(try await pool.execute("INSERT INTO model VALUES ($1), ($2)", ["secret", "other"]) == 2)
            let error = await expectCode(.refused) {
                try await pool.execute("INSERT INTO model VALUES ($1)", ["secret"])
            }
            #expect(error?.sqlState == "23505")
            #expect(error?.isUnique(constraint: "model_name_key") == true)
            #expect(error?.isUnique(constraint: "other") == false)
            #expect(error?.table == "model")
            #expect(error?.description.contains("secret") == false)
            #expect(error?.operatorDetail.contains("secret") == true)
            #expect(error?.isRetryable == false)
        }
    }

    @Test func `A statement that outlives its deadline is cancelled and leaves the connection usable`() async throws {
        try await TestDatabase.with { database async throws in
            try await database.pool.withConnection { connection in
                let process = try await connection.query("SELECT pg_backend_pid() AS id")
                let start = ContinuousClock.now
                let error = await expectCode(.statementTimedOut) {
                    try await connection.query("SELECT pg_sleep(60)", deadline: .now + .milliseconds(100))
                }
                #expect(error?.sqlState == "57014")
                #expect(ContinuousClock.now - start < .seconds(20))
                let again = try await connection.query("SELECT pg_backend_pid() AS id")
                #expect(try again.first?.decode("id", as: Int.self) == process.first?.decode("id", as: Int.self))
            }
        }
    }

    @Test func `Cancelling a task cancels its statement on the server`() async throws {
        try await TestDatabase.with { database async throws in
            let pool = database.pool
            await withTaskGroup(of: (any Error)?.self) { group in
                group.addTask {
                    do {
                        _ = try await pool.query("SELECT pg_sleep(120)")
                        return nil
                    } catch { return error }
                }
                #expect(await becomes(1, pool, Self.sleepers))
                group.cancelAll()
                #expect(await group.next() is CancellationError?)
            }
            #expect(await becomes(0, pool, Self.sleepers))
            #expect(try await pool.query("SELECT 1 AS one").count == 1)
        }
    }

    private static let sleepers =
        "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"

    @Test func `A cancellation that comes late doesn't hit the next statement`() async throws {
        try await TestDatabase.with(configure: { $0.maximumConnections = 1 }) { database async throws in
            let pool = database.pool
            for _ in 0..<100 {
                let task = Task { try await pool.query("SELECT 1 AS one") }
                task.cancel()
                _ = try? await task.value
                #expect(try await pool.query("SELECT 2 AS two").first?.decode("two", as: Int.self) == 2)
            }
        }
    }

    @Test func `A cached statement survives a change of its table`() async throws {
        try await TestDatabase.with(configure: { $0.maximumConnections = 1 }) { database async throws in
            let pool = database.pool
            try await pool.withConnection {
                try await $0.script("CREATE TABLE model (a int); INSERT INTO model VALUES (1)")
            }
            #expect(try await pool.query("SELECT * FROM model").first?.columns == ["a"])
            try await pool.withConnection { try await $0.script("ALTER TABLE model ADD b int") }
            #expect(try await pool.query("SELECT * FROM model").first?.columns == ["a", "b"])
            try await pool.withConnection { try await $0.script("ALTER TABLE model ADD c int") }
            let columns = try await pool.transaction { try await $0.query("SELECT * FROM model").first?.columns }
            #expect(columns == ["a", "b", "c"])
        }
    }

    @Test func `More different statements than are kept prepared still work`() async throws {
        try await TestDatabase.with(configure: { $0.maximumConnections = 1 }) { database async throws in
            for number in 0..<600 {
                let rows = try await database.pool.query("SELECT \(number) AS number, $1::text AS text", ["x"])
                #expect(try rows.first?.decode("number", as: Int.self) == number)
            }
            let kept = try await database.pool.query("SELECT count(*) AS count FROM pg_prepared_statements")
            #expect(try kept.first?.decode("count", as: Int.self) == 512)
        }
    }

    @Test func `COPY is refused, and the next caller gets a sound connection`() async throws {
        try await TestDatabase.with(configure: { $0.maximumConnections = 1 }) { database async throws in
            await expectCode(.refused) { try await database.pool.query("COPY (SELECT 1) TO STDOUT") }
            #expect(try await database.pool.query("SELECT 1 AS one").count == 1)
        }
    }
}

/// Asks again until a count is as expected. The deadline is far away: it ends broken runs, not slow ones.
func becomes(_ expected: Int, _ pool: PostgresPool, _ sql: String) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        let count = try? await pool.query(sql).first?.decode("count", as: Int.self)
        if count == expected { return true }
    }
    return false
}
