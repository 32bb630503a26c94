internal import CLibPQ

extension PostgresConnection {

    func begin(_ isolation: PostgresIsolation, readOnly: Bool) async throws {
        let statement = "BEGIN ISOLATION LEVEL \(isolation.rawValue) READ \(readOnly ? "ONLY" : "WRITE")"
        let deadline = ContinuousClock.now + configuration.statementTimeout
        _ = try await perform { try $0.run(script: statement, deadline: deadline) }
    }

    /// Commits. Cancellation doesn't interrupt it: half-known outcomes help nobody.
    ///
    /// - Parameter readOnly: the transaction changed nothing, so that a lost connection leaves nothing in doubt.
    func commit(readOnly: Bool) async throws {
        let deadline = ContinuousClock.now + configuration.statementTimeout
        let result: PostgresResult?
        do {
            result = try await perform(isInterruptible: false) { try $0.run(script: "COMMIT", deadline: deadline) }
        } catch let error as PostgresError {
            // The server's refusal is an outcome. Anything after which the connection is unusable is none.
            guard condition == .broken, !readOnly else { throw error }
            throw PostgresError(.commitOutcomeUnknown, error.message, sqlState: error.sqlState)
        }
        // COMMIT of a failed transaction is answered with ROLLBACK, and without an error.
        guard result?.command == "COMMIT" else {
            throw PostgresError(.transactionAborted, "COMMIT was answered with \(result?.command ?? "nothing")")
        }
    }

    /// Rolls back, best effort: a connection on which that fails isn't idle, and the pool closes it.
    func rollBack() async {
        guard condition == .inTransaction else { return }
        _ = try? await perform(isInterruptible: false) {
            try $0.run(script: "ROLLBACK", deadline: .now + LibPQSession.drainTimeout)
        }
    }
}
