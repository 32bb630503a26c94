internal import Postgres
internal import Resources

/// The one place where PostgreSQL's errors become the domain's.
func translatingPostgresErrors<Value>(_ work: () async throws -> Value) async throws -> Value {
    do {
        return try await work()
    } catch let error as PostgresError {
        throw registryError(error)
    }
}

private func registryError(_ error: PostgresError) -> any Error {
    switch error.code {
    case .connectFailed, .connectionLost, .acquireTimedOut, .statementTimedOut, .shutDown:
        return TurnoutError(.unavailable, "\(error); try again.", context: error.operatorDetail)
    case .commitOutcomeUnknown:
        return TurnoutError(
            .outcomeUnknown, "\(error); look before trying again.", context: error.operatorDetail)
    case .conflict, .stalePlan, .transactionAborted:
        return TurnoutError(.unavailable, "Too many changes at once; try again.", context: error.operatorDetail)
    case .invalidParameter:
        return TurnoutError(.invalid, "\(error).", context: error.operatorDetail)
    case .refused:
        if let kind = violation(error.sqlState) {
            return RegistryViolation(kind: kind, constraint: error.constraint, detail: error.operatorDetail)
        }
        if isUnavailability(error.sqlState) {
            return TurnoutError(
                .unavailable, "The database is not available just now; try again.", context: error.operatorDetail)
        }
        return TurnoutError(.internal, "The registry failed.", context: error.operatorDetail)
    case .transactionEnded, .missingColumn, .unexpectedNull, .undecodable, .migrationRefused, .privateServer:
        return TurnoutError(.internal, "The registry failed.", context: error.operatorDetail)
    }
}

private func violation(_ sqlState: String?) -> RegistryViolation.Kind? {
    switch sqlState {
    case "23505": .unique
    case "23503": .foreignKey
    case "23514": .check
    case "23P01": .exclusion
    case "TO001": .appendOnly
    default: nil
    }
}

/// Connection exceptions, a server that starts, stops or has no room, and read-only stand-bys during a fail-over.
private func isUnavailability(_ sqlState: String?) -> Bool {
    guard let sqlState else { return true }
    return sqlState.hasPrefix("08") || sqlState.hasPrefix("53") || sqlState.hasPrefix("57P") || sqlState == "25006"
}
