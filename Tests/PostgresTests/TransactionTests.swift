import Postgres
import Synchronization
import TestSupport
import Testing

struct TransactionTests {
    private static let account = Migration(
        number: 1, name: "0001_create_account",
        sql: "CREATE TABLE account (id int PRIMARY KEY, amount bigint NOT NULL); INSERT INTO account VALUES (1, 0)")

    @Test func `Two serializable writers of one row both succeed, one after the other`() async throws {
        try await TestDatabase.with(migrations: [Self.account]) { database async throws in
            let pool = database.pool
            let (first, second) = (Gate(), Gate())
            async let one: Void = increment(pool, opening: first, after: second)
            async let two: Void = increment(pool, opening: second, after: first)
            let attempts = try await (one, two)
            _ = attempts
            let rows = try await pool.query("SELECT amount FROM account")
            #expect(try rows.first?.decode("amount", as: Int.self) == 2)
        }
    }

    /// Reads, waits until the other has read as well, and writes: one of two must be refused on its first attempt.
    private func increment(_ pool: PostgresPool, opening mine: Gate, after other: Gate) async throws {
        try await pool.transaction { transaction in
            let rows = try await transaction.query("SELECT amount FROM account WHERE id = 1")
            let amount = try rows.first?.decode("amount", as: Int.self) ?? 0
            mine.open()
            await other.wait()
            try await transaction.execute("UPDATE account SET amount = $1 WHERE id = 1", [amount + 1])
        }
    }

    @Test func `Many writers lose no update`() async throws {
        try await TestDatabase.with(migrations: [Self.account]) { database async throws in
            let pool = database.pool
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<10 {
                            try await pool.transaction(maxAttempts: 100) { transaction in
                                let rows = try await transaction.query("SELECT amount FROM account WHERE id = 1")
                                let amount = try rows.first?.decode("amount", as: Int.self) ?? 0
                                try await transaction.execute("UPDATE account SET amount = $1", [amount + 1])
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let rows = try await pool.query("SELECT amount FROM account")
            #expect(try rows.first?.decode("amount", as: Int.self) == 80)
        }
    }

    @Test func `A conflict is retried even when the body made another error of it, and only so often`() async throws {
        struct Wrapped: Error {}
        try await TestDatabase.with { database async throws in
            let attempts = Mutex(0)
            await #expect(throws: Wrapped.self) {
                try await database.pool.transaction(maxAttempts: 3) { transaction in
                    attempts.withLock { $0 += 1 }
                    do {
                        try await transaction.script("DO $$BEGIN RAISE SQLSTATE '40001'; END$$")
                    } catch { throw Wrapped() }
                }
            }
            #expect(attempts.withLock { $0 } == 3)
        }
    }

    @Test func `What a throwing body did is rolled back, and its error comes through`() async throws {
        struct Refusal: Error {}
        try await TestDatabase.with(migrations: [Self.account]) { database async throws in
            await #expect(throws: Refusal.self) {
                try await database.pool.transaction { transaction in
                    try await transaction.execute("UPDATE account SET amount = 5")
                    throw Refusal()
                }
            }
            let rows = try await database.pool.query("SELECT amount FROM account")
            #expect(try rows.first?.decode("amount", as: Int.self) == 0)
        }
    }

    @Test func `A body that swallows a failed statement doesn't count as committed`() async throws {
        try await TestDatabase.with(migrations: [Self.account]) { database async throws in
            _ = await expectCode(.transactionAborted) {
                try await database.pool.transaction { transaction in
                    try await transaction.execute("UPDATE account SET amount = 5")
                    _ = try? await transaction.execute("SELECT 1 / 0")
                }
            }
        }
    }

    @Test func `Isolation and read-only are what was asked for`() async throws {
        try await TestDatabase.with(migrations: [Self.account]) { database async throws in
            for (isolation, name) in [
                (PostgresIsolation.serializable, "serializable"), (.repeatableRead, "repeatable read"),
                (.readCommitted, "read committed"),
            ] {
                let shown = try await database.pool.transaction(isolation: isolation, readOnly: true) { transaction in
                    let rows = try await transaction.query("SHOW transaction_isolation")
                    return try rows.first?.decode("transaction_isolation", as: String.self)
                }
                #expect(shown == name)
            }
            let error = await expectCode(.refused) {
                try await database.pool.transaction(readOnly: true) { try await $0.execute("DELETE FROM account") }
            }
            #expect(error?.sqlState == "25006")
        }
    }

    @Test func `A transaction's handle is dead after its body`() async throws {
        try await TestDatabase.with { database async throws in
            let escaped = try await database.pool.transaction { $0 }
            await expectCode(.transactionEnded) { try await escaped.query("SELECT 1") }
        }
    }

    @Test(arguments: [true, false])
    func `A transaction that only reads outlives its connection, lost in its midst or before COMMIT`(
        inItsMidst: Bool
    ) async throws {
        try await TestDatabase.with { database async throws in
            let attempts = Mutex(0)
            let answer = try await database.pool.transaction(isolation: .repeatableRead, readOnly: true) {
                transaction in
                let attempt = attempts.withLock { count in
                    count += 1
                    return count
                }
                let rows = try await transaction.query("SELECT pg_backend_pid() AS pid")
                let pid: Int = try #require(try rows.first?.decode("pid"))
                if attempt == 1 {
                    try await database.pool.execute("SELECT pg_terminate_backend($1::int, 10000)", [pid])
                    if inItsMidst { _ = try await transaction.query("SELECT 1") }
                }
                return attempt
            }
            #expect(answer == 2)
        }
    }

    @Test func `A connection killed during COMMIT leaves the outcome unknown, and nothing is retried`() async throws {
        try await TestDatabase.with(migrations: [Self.account]) { database async throws in
            try await database.pool.withConnection { connection in
                // A deferred trigger runs within COMMIT and ends its own session there.
                try await connection.script(
                    """
                    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                        $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); RETURN NULL; END$$;
                    CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON account DEFERRABLE INITIALLY DEFERRED
                        FOR EACH ROW EXECUTE FUNCTION die();
                    """)
            }
            let attempts = Mutex(0)
            let error = await expectCode(.commitOutcomeUnknown) {
                try await database.pool.transaction { transaction in
                    attempts.withLock { $0 += 1 }
                    try await transaction.execute("UPDATE account SET amount = 5")
                }
            }
            #expect(error?.sqlState == "57P01")
            #expect(attempts.withLock { $0 } == 1)
        }
    }
}

/// A door that opens once and stays open.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.isOpen = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
