package import Postgres

/// What can run a statement: the store itself, each statement alone, or a transaction.
///
/// The SQL of the domain is written as methods on this protocol, one file a noun: `RegistryQueries+Models.swift`.
/// What changes rows is written on `RegistryTransaction` instead, so that a change can't happen outside of one.
package protocol RegistryQueries: Sendable {
    /// Runs one statement.
    /// - Throws: `TurnoutError`; a broken constraint as `RegistryViolation`.
    func query(_ sql: String, _ parameters: [any PostgresEncodable]) async throws -> [PostgresRow]
}

extension RegistryQueries {
    package func query(_ sql: String) async throws -> [PostgresRow] { try await query(sql, []) }
}
