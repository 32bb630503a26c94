import Postgres

/// What the database said while a process started, for whoever runs it: more than a caller of the API is told.
package struct StartFault: Error, Sendable, CustomStringConvertible {
    package let description: String

    /// Runs `work`, and puts the database's own words into what it throws.
    static func explaining<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as PostgresError {
            throw StartFault(description: error.operatorDetail)
        }
    }
}
