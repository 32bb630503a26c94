package import Logging
internal import Synchronization

/// Connections to one database, opened when needed and kept. Every task may use it; nothing runs in the background.
///
/// A connection that broke is thrown away and the next caller opens another, so that the pool outlives any restart of the
/// server. Call `shutdown` in the end.
package final class PostgresPool: Sendable {
    package let configuration: PostgresConfiguration
    let logger: Logger
    let state = Mutex(PoolState())

    package init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Lends a connection to `body`, alone for its time. A transaction left open is rolled back.
    /// - Throws: `.acquireTimedOut`, `.connectFailed`, `.shutDown`, or what `body` throws.
    package func withConnection<Value>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await acquire()
        defer { release(connection) }
        return try await body(connection)
    }

    /// Runs one statement and returns its rows; see `PostgresConnection.query`.
    package func query(
        _ sql: String, _ parameters: [any PostgresEncodable] = [], deadline: ContinuousClock.Instant? = nil
    ) async throws -> [PostgresRow] {
        try await withConnection { try await $0.query(sql, parameters, deadline: deadline) }
    }

    /// Runs one statement and returns the number of rows affected.
    @discardableResult
    package func execute(
        _ sql: String, _ parameters: [any PostgresEncodable] = [], deadline: ContinuousClock.Instant? = nil
    ) async throws -> Int {
        try await withConnection { try await $0.execute(sql, parameters, deadline: deadline) }
    }

    /// How it is used just now.
    package var use: PostgresPoolUse { state.withLock { $0.use(limit: configuration.maximumConnections) } }

    /// Refuses new callers, ends listeners, and returns once every connection that was lent is back and closed.
    package func shutdown() async {
        let (idle, waiters, listeners) = state.withLock { $0.close() }
        for waiter in waiters { waiter.resume(throwing: PostgresError.shutDown) }
        for listener in listeners { listener.abandon() }
        for connection in idle { await connection.close() }
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { $0.awaitEmpty(continuation) }
            if isDone { continuation.resume() }
        }
    }
}
