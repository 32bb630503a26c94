internal import Synchronization

/// An open transaction, valid during the body that it was given to.
package final class PostgresTransaction: Sendable {
    private struct State {
        var isEnded = false
        var failure: PostgresError?
    }

    private let connection: PostgresConnection
    private let state = Mutex(State())

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// Runs one statement and returns its rows; see `PostgresConnection.query`.
    package func query(
        _ sql: String, _ parameters: [any PostgresEncodable] = [], deadline: ContinuousClock.Instant? = nil
    ) async throws -> [PostgresRow] {
        try await whileOpen { try await connection.query(sql, parameters, deadline: deadline) }
    }

    /// Runs one statement and returns the number of rows affected.
    @discardableResult
    package func execute(
        _ sql: String, _ parameters: [any PostgresEncodable] = [], deadline: ContinuousClock.Instant? = nil
    ) async throws -> Int {
        try await whileOpen { try await connection.execute(sql, parameters, deadline: deadline) }
    }

    /// Runs several statements without parameters, separated by semicolons.
    package func script(_ sql: String, deadline: ContinuousClock.Instant? = nil) async throws {
        try await whileOpen { try await connection.script(sql, deadline: deadline) }
    }

    /// The first failure of a statement. The transaction can't succeed after it, whatever the body makes of the error.
    var failure: PostgresError? { state.withLock { $0.failure } }

    func end() { state.withLock { $0.isEnded = true } }

    private func whileOpen<Value>(_ work: () async throws -> Value) async throws -> Value {
        guard !state.withLock({ $0.isEnded }) else {
            throw PostgresError(.transactionEnded, "a statement was run in a transaction that has ended")
        }
        do {
            return try await work()
        } catch let error as PostgresError {
            if error.sqlState != nil { state.withLock { $0.failure = $0.failure ?? error } }
            throw error
        }
    }
}
