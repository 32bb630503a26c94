internal import Logging
internal import Synchronization

/// Notifications of some channels, on a connection of its own that isn't counted by the pool and is opened by the first
/// `next`. Endless: it reconnects by itself, and ends when the task is cancelled or the pool is shut down.
package struct PostgresListener: AsyncSequence, Sendable {
    package typealias Element = PostgresListenEvent
    package typealias Failure = Never

    let pool: PostgresPool
    let channels: [String]

    package func makeAsyncIterator() -> Iterator { Iterator(pool: pool, channels: channels) }

    /// Used by one task. Nothing is read ahead: what isn't taken waits in the connection.
    package struct Iterator: AsyncIteratorProtocol {
        let pool: PostgresPool
        let channels: [String]
        private var connection: PostgresConnection?
        private var backoff = Self.freshBackoff

        init(pool: PostgresPool, channels: [String]) {
            self.pool = pool
            self.channels = channels
        }

        private static var freshBackoff: RetryBackoff {
            RetryBackoff(first: .milliseconds(50), ceiling: .seconds(2))
        }

        package mutating func next() async -> PostgresListenEvent? { await next(isolation: nil) }

        package mutating func next(isolation actor: isolated (any Actor)?) async -> PostgresListenEvent? {
            while !Task.isCancelled && !pool.isShutDown {
                do {
                    if let connection {
                        return .notification(
                            try await connection.nextNotification(heartbeat: pool.configuration.listenHeartbeat))
                    }
                    connection = try await pool.openListener(channels)
                    backoff = Self.freshBackoff
                    return .reconnected
                } catch {
                    connection = nil
                    if Task.isCancelled || pool.isShutDown { break }
                    pool.logger.warning("listening interrupted", metadata: ["error": "\(PostgresPool.detail(error))"])
                    try? await Task.sleep(for: backoff.next())
                }
            }
            connection = nil
            return nil
        }
    }
}

extension PostgresPool {
    /// Listens to a channel until the task is cancelled; see `PostgresListener` for what is promised.
    package func listen(_ channel: String) -> PostgresListener { PostgresListener(pool: self, channels: [channel]) }

    /// Listens to several channels on one connection.
    package func listen(_ channels: [String]) -> PostgresListener { PostgresListener(pool: self, channels: channels) }

    var isShutDown: Bool { state.withLock { $0.isClosed } }

    static func detail(_ error: any Error) -> String { (error as? PostgresError)?.operatorDetail ?? "\(error)" }

    fileprivate func openListener(_ channels: [String]) async throws -> PostgresConnection {
        let connection = try PostgresConnection(configuration)
        guard state.withLock({ $0.addListener(connection) }) else { throw PostgresError.shutDown }
        try await connection.connect()
        try await connection.script(channels.map { "LISTEN \(SQLText.identifier($0));" }.joined())
        return connection
    }
}
