/// The one error type of this module. Cancellation of the calling task is thrown as `CancellationError` instead.
///
/// `description` is bland and may be shown to a caller; `operatorDetail` may hold data and belongs in logs.
package struct PostgresError: Error, Sendable {
    /// What went wrong, for `switch`.
    package enum Code: String, Sendable, CaseIterable {
        /// No connection could be opened. Nothing was sent.
        case connectFailed
        /// The connection broke during a statement. Outside of a transaction the statement may still have taken effect.
        case connectionLost
        /// No connection became free within `acquireTimeout`, or too many callers wait already.
        case acquireTimedOut
        /// The deadline passed; the statement was cancelled and had no effect unless the connection was lost as well.
        case statementTimedOut
        /// The server refused the statement; see `sqlState`.
        case refused
        /// A serialization failure (40001) or a deadlock (40P01): the same transaction may succeed when run again.
        case conflict
        /// A cached plan no longer fits the schema: the same transaction may succeed when run again.
        case stalePlan
        /// The connection broke during COMMIT: the transaction may or may not have taken effect. Never retried here.
        case commitOutcomeUnknown
        /// COMMIT was asked for, but a statement had failed before and the server rolled back.
        case transactionAborted
        /// The transaction handle was used after its body returned.
        case transactionEnded
        /// A parameter cannot be stored by PostgreSQL, such as a string with a NUL character.
        case invalidParameter
        /// The result has no such column.
        case missingColumn
        /// NULL where a value was asked for.
        case unexpectedNull
        /// A value doesn't fit the type that was asked for.
        case undecodable
        /// The migrations and the database contradict each other; the message names the migration.
        case migrationRefused
        /// The private server could not be started or stopped; the message says what to do.
        case privateServer
        /// The pool has been shut down.
        case shutDown
    }

    package var code: Code
    /// The server's five-character SQLSTATE, when the server said something.
    package var sqlState: String?
    /// For the operator: what the server or libpq said.
    package var message: String
    package var detail: String?
    package var hint: String?
    package var constraint: String?
    package var table: String?
    package var column: String?

    package init(_ code: Code, _ message: String, sqlState: String? = nil) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
    }

    /// Whether running the whole transaction again may succeed, and is safe because nothing of it took effect.
    package var isRetryable: Bool { code == .conflict || code == .stalePlan }

    /// Whether a unique constraint or index was violated: the named one, or any when `constraint` is `nil`.
    package func isUnique(constraint: String? = nil) -> Bool {
        sqlState == "23505" && (constraint == nil || constraint == self.constraint)
    }

    /// Whether a foreign key was violated: the named one, or any when `constraint` is `nil`.
    package func isForeignKey(constraint: String? = nil) -> Bool {
        sqlState == "23503" && (constraint == nil || constraint == self.constraint)
    }

    /// Whether a CHECK was violated: the named one, or any when `constraint` is `nil`.
    package func isCheck(constraint: String? = nil) -> Bool {
        sqlState == "23514" && (constraint == nil || constraint == self.constraint)
    }
}
