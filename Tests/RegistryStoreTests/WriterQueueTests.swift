import Postgres
import Resources
import TestSupport
import Testing

@testable import RegistryStore

@Suite struct WriterQueueTests {
    private static let writers = 40

    @Test("However many changes wait for one that is slow, reads find a connection, and every change is made")
    func readsGoOn() async throws {
        try await TestDatabase.withSchema(configure: { $0.maximumConnections = 4 }) { database in
            let store = RegistryStore(pool: database.pool)
            let (isHeld, holds) = AsyncStream<Void>.makeStream()
            let (isFree, frees) = AsyncStream<Void>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await store.transaction { transaction in
                        try await Self.append(transaction)
                        holds.finish()
                        for await _ in isFree {}
                    }
                }
                for await _ in isHeld {}
                for _ in 0..<Self.writers {
                    group.addTask { try await store.transaction { try await Self.append($0) } }
                }
                // Each of these would wait for ever if the changes had all connections.
                for _ in 0..<10 { #expect(try await store.auditChainEnd().sequence == 0) }
                frees.finish()
                try await group.waitForAll()
            }
            #expect(try await store.auditChainEnd().sequence == Int64(Self.writers + 1))
        }
    }

    @Test("A change that waits too long, or finds too many before it, is refused; a cancelled one leaves no gap")
    func refusals() async throws {
        let queue = WriterQueue(places: 1, limit: 1, patience: .milliseconds(50))
        let (isFree, frees) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (isIn, enters) = AsyncStream<Void>.makeStream()
            group.addTask {
                try await queue.run {
                    enters.finish()
                    for await _ in isFree {}
                }
            }
            for await _ in isIn {}
            await #expect(throws: PostgresError.self) { try await queue.run {} }
            let cancelled = Task { try await queue.run {} }
            cancelled.cancel()
            await #expect(throws: (any Error).self) { try await cancelled.value }
            frees.finish()
            try await group.waitForAll()
            // Nobody's place got lost.
            try await queue.run {}
        }
        let full = WriterQueue(places: 0, limit: 0, patience: .seconds(600))
        await #expect(throws: PostgresError.self) { try await full.run {} }
    }

    private static func append(_ transaction: RegistryTransaction) async throws {
        try await transaction.appendAudit(
            AuditDraft(
                at: Timestamp(microseconds: 0), actor: "ada", role: .admin, action: "test.write", subject: "x",
                reason: nil, detail: "{}"))
    }
}
