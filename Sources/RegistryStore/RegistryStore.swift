package import Postgres

/// Everything that Turnout knows, in PostgreSQL. Cheap to copy; every task may use it.
///
/// Reads on the store itself see each what was committed when they began. Several reads that must agree with each
/// other, and all changes, belong in `transaction`.
package struct RegistryStore: RegistryQueries {
    package let pool: PostgresPool
    private let writers: WriterQueue

    package init(pool: PostgresPool) {
        self.pool = pool
        writers = WriterQueue(pool.configuration)
    }

    /// Runs one statement by itself.
    package func query(_ sql: String, _ parameters: [any PostgresEncodable]) async throws -> [PostgresRow] {
        try await translatingPostgresErrors { try await pool.query(sql, parameters) }
    }

    /// Runs `body` in one transaction: all of it or nothing. **`body` may run several times**, so it must have no
    /// effect elsewhere.
    ///
    /// - Parameters:
    ///   - writesAudit: takes the lock on the audit chain before anything else. Audited changes then happen one after
    ///     the other instead of failing each other's serialisation, and the ones that wait leave most connections to
    ///     reads; without it, `appendAudit` still is correct, but may cost retries. Turn it off for what writes no audit
    ///     entry, such as heartbeats.
    /// - Throws: what `body` throws; `TurnoutError` with `outcomeUnknown` when the connection broke during COMMIT, with
    ///   `unavailable` when PostgreSQL can't be reached.
    @discardableResult
    package func transaction<Value>(
        isolation: PostgresIsolation = .serializable, writesAudit: Bool = true,
        _ body: (RegistryTransaction) async throws -> Value
    ) async throws -> Value {
        try await translatingPostgresErrors {
            try await inTurn(writesAudit) {
                try await pool.transaction(isolation: isolation) { transaction in
                    let transaction = RegistryTransaction(transaction)
                    if writesAudit { try await transaction.lockAuditChain() }
                    return try await body(transaction)
                }
            }
        }
    }

    private func inTurn<Value>(_ writesAudit: Bool, _ work: () async throws -> Value) async throws -> Value {
        writesAudit ? try await writers.run(work) : try await work()
    }

    /// Runs reads that see one and the same moment.
    package func snapshot<Value>(_ body: (RegistryTransaction) async throws -> Value) async throws -> Value {
        try await translatingPostgresErrors {
            try await pool.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
                try await body(RegistryTransaction(transaction))
            }
        }
    }
}
