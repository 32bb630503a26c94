import Postgres
import RegistryStore
import Resources
import TestSupport
import Testing

@Suite struct TranslationTests {
    @Test("A database that can't be reached is called unavailable, and the caller is told nothing of where it is")
    func unreachable() async throws {
        let configuration = PostgresConfiguration(
            url: "postgresql://nobody@127.0.0.1:1/secret-name", connectTimeout: .seconds(2), acquireTimeout: .seconds(3)
        )
        let pool = PostgresPool(configuration, logger: TestDatabase.quietLogger)
        let store = RegistryStore(pool: pool)
        let error = await #expect(throws: TurnoutError.self) { try await store.query("SELECT 1") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("secret-name") == false)
        #expect(error?.message.contains("127.0.0.1") == false)
        await pool.shutdown()
    }

    @Test("A statement's fault is the operator's to read, not the caller's")
    func internalFault() async throws {
        try await TestDatabase.withSchema { database in
            let store = RegistryStore(pool: database.pool)
            let error = await #expect(throws: TurnoutError.self) { try await store.query("SELECT no_such_column") }
            #expect(error?.code == .internal)
            #expect(error?.message.contains("no_such_column") == false)
            #expect(error?.context?.contains("no_such_column") == true)
        }
    }

    @Test("Audited changes at the same time wait for each other instead of failing")
    func serialised() async throws {
        try await TestDatabase.withSchema { database in
            let store = RegistryStore(pool: database.pool)
            let runs = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<24 {
                    group.addTask {
                        var attempts = 0
                        try await store.transaction { transaction in
                            attempts += 1
                            try await transaction.appendAudit(
                                AuditDraft(
                                    at: Timestamp(microseconds: Int64(index)), actor: "ada", role: .admin,
                                    action: "test", subject: "x", reason: nil, detail: "{}"))
                        }
                        return attempts
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(runs == 24)
            #expect(try await store.auditChainEnd().sequence == 24)
        }
    }
}
