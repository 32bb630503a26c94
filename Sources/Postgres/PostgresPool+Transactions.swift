extension PostgresPool {
    /// Runs `body` in a transaction and commits. When the server reports a serialization failure, a deadlock or a stale
    /// plan, the whole is run again after a jittered pause of 5 ms to half a second: **`body` may run several times**. A
    /// transaction that only reads is run again as well when its connection was lost.
    ///
    /// When `body` throws, the transaction is rolled back. Cancellation ends it before COMMIT, never during it.
    /// - Parameter maxAttempts: how often `body` runs at most.
    /// - Throws: what `body` throws; `.commitOutcomeUnknown` when the connection broke during COMMIT, which is never retried.
    package func transaction<Value>(
        isolation: PostgresIsolation = .serializable, readOnly: Bool = false, maxAttempts: Int = 8,
        _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        var backoff = RetryBackoff(first: .milliseconds(10), ceiling: .milliseconds(500))
        var attempt = 1
        while true {
            let failure: PostgresError?
            let thrown: any Error
            switch try await attemptTransaction(isolation, readOnly: readOnly, body) {
            case .committed(let value): return value
            case .failed(let error, let cause): (thrown, failure) = (error, cause)
            }
            // What counts is what the server said, even when the body made another error of it.
            guard let failure, mayRunAgain(after: failure, readOnly: readOnly), attempt < maxAttempts else {
                throw thrown
            }
            attempt += 1
            // The connection went back before the pause, for others to use.
            try await Task.sleep(for: backoff.next())
        }
    }

    private func mayRunAgain(after failure: PostgresError, readOnly: Bool) -> Bool {
        failure.isRetryable || readOnly && failure.code == .connectionLost
    }

    private enum Attempt<Value> {
        case committed(Value)
        case failed(any Error, cause: PostgresError?)
    }

    private func attemptTransaction<Value>(
        _ isolation: PostgresIsolation, readOnly: Bool, _ body: (PostgresTransaction) async throws -> Value
    ) async throws -> Attempt<Value> {
        try await withConnection { connection in
            let transaction = PostgresTransaction(connection)
            do {
                try await connection.begin(isolation, readOnly: readOnly)
                defer { transaction.end() }
                let value = try await body(transaction)
                try Task.checkCancellation()
                transaction.end()
                try await connection.commit(readOnly: readOnly)
                return .committed(value)
            } catch {
                transaction.end()
                await connection.rollBack()
                return .failed(error, cause: transaction.failure ?? error as? PostgresError)
            }
        }
    }
}
