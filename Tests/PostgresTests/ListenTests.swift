import Postgres
import TestSupport
import Testing

struct ListenTests {
    @Test func `A listener hears what is notified, payload and all`() async throws {
        try await TestDatabase.with { database async throws in
            var events = database.pool.listen("Odd \"channel\"").makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            for number in 0..<100 {
                try await database.pool.execute("SELECT pg_notify($1, $2)", ["Odd \"channel\"", "\(number) é"])
            }
            for number in 0..<100 {
                #expect(
                    await events.next()
                        == .notification(PostgresNotification(channel: "Odd \"channel\"", payload: "\(number) é")))
            }
        }
    }

    @Test func `A listener comes back by itself after a server crash, and says so`() async throws {
        try await PostgresServerFixture.with { fixture async throws in
            let pool = PostgresPool(PostgresConfiguration(url: fixture.url), logger: TestDatabase.quietLogger)
            var events = pool.listen("news").makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            try await fixture.restart(.immediate)
            #expect(await events.next() == .reconnected)
            try await pool.execute("NOTIFY news, 'back'")
            #expect(await events.next() == .notification(PostgresNotification(channel: "news", payload: "back")))
            await pool.shutdown()
        }
    }

    @Test func `A listener ends with its task`() async throws {
        try await TestDatabase.with { database async throws in
            let pool = database.pool
            let (stream, established) = AsyncStream<Void>.makeStream()
            let task = Task {
                for await _ in pool.listen("news") { established.yield() }
            }
            for await _ in stream { break }
            task.cancel()
            await task.value
        }
    }

    @Test func `A listener ends with its pool, even in the middle of a wait`() async throws {
        try await TestDatabase.with { database async throws in
            let pool = database.pool
            let (stream, established) = AsyncStream<Void>.makeStream()
            let task = Task {
                for await _ in pool.listen(["news", "more"]) { established.yield() }
            }
            for await _ in stream { break }
            await pool.shutdown()
            await task.value
        }
    }

    @Test func `A quiet listener probes its connection and goes on`() async throws {
        try await TestDatabase.with(configure: { $0.listenHeartbeat = .milliseconds(10) }) { database async throws in
            var events = database.pool.listen("news").makeAsyncIterator()
            #expect(await events.next() == .reconnected)
            async let next = events.next()
            try await database.pool.execute("SELECT pg_sleep(0.2), pg_notify('news', 'x')")
            #expect(await next == .notification(PostgresNotification(channel: "news", payload: "x")))
        }
    }
}
