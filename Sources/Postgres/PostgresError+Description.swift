extension PostgresError: CustomStringConvertible {
    /// One bland sentence without any data: safe for a caller.
    package var description: String {
        var text = summary
        if let sqlState { text += " (SQLSTATE \(sqlState)" + (constraint.map { ", constraint \($0)" } ?? "") + ")" }
        return text
    }

    /// Everything the server said, for logs. May hold data of the rows concerned.
    package var operatorDetail: String {
        var parts = ["\(code.rawValue): \(message)"]
        if let sqlState { parts.append("SQLSTATE \(sqlState)") }
        if let detail { parts.append("detail: \(detail)") }
        if let hint { parts.append("hint: \(hint)") }
        if let constraint { parts.append("constraint: \(constraint)") }
        if let table { parts.append("table: \(table)") }
        if let column { parts.append("column: \(column)") }
        return parts.joined(separator: "; ")
    }

    private var summary: String {
        switch code {
        case .connectFailed: "the database can't be reached"
        case .connectionLost: "the connection to the database was lost"
        case .acquireTimedOut: "no database connection became free in time"
        case .statementTimedOut: "the database did not answer in time"
        case .refused: "the database refused a statement"
        case .conflict: "a concurrent change got in the way"
        case .stalePlan: "the database schema changed meanwhile"
        case .commitOutcomeUnknown: "the connection was lost while committing: the change may or may not have been made"
        case .transactionAborted: "the transaction was rolled back because a statement in it had failed"
        case .transactionEnded: "a transaction was used after its end"
        case .invalidParameter: "a value can't be stored in the database"
        case .missingColumn, .unexpectedNull, .undecodable: "the database answered with something unexpected"
        // These two are written here, hold no row data, and are of no use without their text.
        case .migrationRefused, .privateServer: message
        case .shutDown: "the database connections have been shut down"
        }
    }
}
