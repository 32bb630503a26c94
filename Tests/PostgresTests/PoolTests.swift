import Postgres
import TestSupport
import Testing

struct PoolTests {
    @Test func `A pool never has more connections than it may`() async throws {
        try await TestDatabase.with(configure: {
            $0.maximumConnections = 3
            $0.acquireTimeout = .seconds(60)
        }) { database async throws in
            let pool = database.pool
            let most = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        let rows = try await pool.query(
                            """
                            SELECT count(*) AS count, pg_sleep(0.005) FROM pg_stat_activity
                            WHERE datname = current_database() AND backend_type = 'client backend'
                            """)
                        return try rows.first?.decode("count", as: Int.self) ?? 0
                    }
                }
                return try await group.reduce(0) { max($0, $1) }
            }
            #expect(most >= 1 && most <= 3)
        }
    }

    @Test func `A caller gives up when no connection becomes free in time`() async throws {
        try await TestDatabase.with(configure: {
            $0.maximumConnections = 1
            $0.acquireTimeout = .seconds(3)
        }) { database async throws in
            try await database.pool.withConnection { _ in
                _ = await expectCode(.acquireTimedOut) { try await database.pool.query("SELECT 1") }
            }
            #expect(try await database.pool.query("SELECT 1 AS one").count == 1)
        }
    }

    @Test func `A cancelled caller leaves the queue, and those behind it are served`() async throws {
        try await TestDatabase.with(configure: { $0.maximumConnections = 1 }) { database async throws in
            let pool = database.pool
            let (cancelled, served) = try await pool.withConnection { _ in
                let first = Task { try await pool.query("SELECT 1 AS one").count }
                let second = Task { try await pool.query("SELECT 1 AS one").count }
                first.cancel()
                await #expect(throws: CancellationError.self) { try await first.value }
                return (first, second)
            }
            _ = cancelled
            #expect(try await served.value == 1)
        }
    }

    @Test func `A transaction left open is not handed to the next caller`() async throws {
        try await TestDatabase.with(configure: { $0.maximumConnections = 1 }) { database async throws in
            let pool = database.pool
            try await pool.withConnection { try await $0.script("CREATE TABLE model (a int)") }
            try await pool.withConnection { try await $0.script("BEGIN; INSERT INTO model VALUES (1)") }
            #expect(try await pool.query("SELECT * FROM model").isEmpty)
        }
    }

    @Test func `An unreachable server is reported as such, within the connect time-out`() async throws {
        let configuration = PostgresConfiguration(url: "postgresql:///x?host=/nowhere", connectTimeout: .seconds(1))
        let pool = PostgresPool(configuration, logger: TestDatabase.quietLogger)
        for _ in 0..<20 { await expectCode(.connectFailed) { try await pool.query("SELECT 1") } }
        await pool.shutdown()
    }

    @Test func `A pool that was shut down refuses everyone, after the last borrower is done`() async throws {
        try await TestDatabase.with { database async throws in
            let pool = database.pool
            let shutdown = try await pool.withConnection { connection async throws in
                let shutdown = Task { await pool.shutdown() }
                #expect(await refuses(pool))
                #expect(try await connection.query("SELECT 1 AS one").count == 1)
                return shutdown
            }
            await shutdown.value
        }
    }

    /// Asks until the pool says that it was shut down.
    private func refuses(_ pool: PostgresPool) async -> Bool {
        while true {
            do {
                _ = try await pool.query("SELECT 1")
            } catch { return (error as? PostgresError)?.code == .shutDown }
        }
    }

    @Test func `Connections are replaced after a server crash, without a failed statement on idle ones`() async throws {
        try await PostgresServerFixture.with { fixture async throws in
            let pool = PostgresPool(PostgresConfiguration(url: fixture.url), logger: TestDatabase.quietLogger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { _ = try await pool.query("SELECT pg_sleep(0.05)") } }
                try await group.waitForAll()
            }
            try await fixture.stop(.immediate)
            await expectCode(.connectFailed) { try await pool.query("SELECT 1") }
            try await fixture.start()
            for _ in 0..<10 { #expect(try await pool.query("SELECT 1 AS one").count == 1) }
            await pool.shutdown()
        }
    }

    @Test func `A statement that runs while the server crashes ends with a lost connection`() async throws {
        try await PostgresServerFixture.with { fixture async throws in
            let pool = PostgresPool(PostgresConfiguration(url: fixture.url), logger: TestDatabase.quietLogger)
            async let error = expectCode(.connectionLost) { try await pool.query("SELECT pg_sleep(120)") }
            #expect(
                await becomes(1, pool, "SELECT count(*) AS count FROM pg_stat_activity WHERE wait_event = 'PgSleep'"))
            try await fixture.restart(.immediate)
            _ = await error
            #expect(try await pool.query("SELECT 1 AS one").count == 1)
            await pool.shutdown()
        }
    }
}
