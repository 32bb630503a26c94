package import Postgres

/// An open transaction; valid during the body of `RegistryStore.transaction`.
package struct RegistryTransaction: RegistryQueries {
    private let transaction: PostgresTransaction

    init(_ transaction: PostgresTransaction) { self.transaction = transaction }

    package func query(_ sql: String, _ parameters: [any PostgresEncodable]) async throws -> [PostgresRow] {
        try await translatingPostgresErrors { try await transaction.query(sql, parameters) }
    }

    /// Runs one statement that answers no rows.
    /// - Returns: the number of rows affected.
    @discardableResult
    package func execute(_ sql: String, _ parameters: [any PostgresEncodable] = []) async throws -> Int {
        try await translatingPostgresErrors { try await transaction.execute(sql, parameters) }
    }
}
