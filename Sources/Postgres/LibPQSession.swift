internal import CLibPQ
internal import Glibc

/// A libpq connection, used by one thread at a time, which may block. Everything here is synchronous and has a deadline.
final class LibPQSession {
    /// Beyond so many different texts, statements are parsed anew each time rather than kept by the server.
    static let maximumPreparedStatements = 512
    /// How long a cancelled statement may take to end before the connection is given up.
    static let drainTimeout = Duration.seconds(5)

    let connection: OpaquePointer
    let interruption: Interruption
    var preparedStatements: [String: String] = [:]
    var preparedCount = 0
    /// Set when the session is in a state that nobody knows: it must be closed.
    var isBroken = false

    /// Connects and sets what this module's text parsing relies upon.
    init(
        _ configuration: PostgresConfiguration, interruption: Interruption, deadline: ContinuousClock.Instant
    ) throws {
        self.interruption = interruption
        let milliseconds = max(1, configuration.connectTimeout.milliseconds)
        // What stands before `dbname` are defaults which the URL may override; what stands after it holds.
        let parameters: [(String, String)] = [
            ("application_name", configuration.applicationName), ("keepalives_idle", "15"),
            ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", String(milliseconds * 3)),
            ("dbname", configuration.url), ("client_encoding", "UTF8"),
        ]
        guard let connection = Self.start(parameters) else { throw PostgresError(.connectFailed, "out of memory") }
        self.connection = connection
        try finishConnecting(deadline: min(deadline, .now + configuration.connectTimeout))
        PQsetnonblocking(connection, 1)
        // The default processor writes notices to standard error, past every log.
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        _ = try run(script: Self.settings(configuration), deadline: deadline)
    }

    deinit { PQfinish(connection) }

    var isAlive: Bool { !isBroken && PQstatus(connection) == CONNECTION_OK }

    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(connection) }

    /// What libpq says about the connection's last failure.
    var errorMessage: String {
        let message = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        return message.split(separator: "\n").joined(separator: " ")
    }

    private static func start(_ parameters: [(String, String)]) -> OpaquePointer? {
        let keywords = CStringArray(parameters.map(\.0))
        let values = CStringArray(parameters.map(\.1))
        return keywords.withPointers { keywords in
            values.withPointers { values in PQconnectStartParams(keywords, values, 1) }
        }
    }

    private func finishConnecting(deadline: ContinuousClock.Instant) throws {
        guard PQstatus(connection) != CONNECTION_BAD else { throw connectFailure() }
        var next = PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            guard next != PGRES_POLLING_FAILED else { throw connectFailure() }
            switch wait(for: next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline: deadline) {
            case .ready: next = PQconnectPoll(connection)
            case .timedOut: throw PostgresError(.connectFailed, "connecting took too long")
            case .interrupted: throw interruption.isAbandoned ? PostgresError.shutDown : CancellationError()
            }
        }
    }

    private func connectFailure() -> PostgresError {
        // libpq doesn't pass on the SQLSTATE of a refused connection; this one text tells a server that will be back.
        let isStarting = errorMessage.contains("the database system is")
        return PostgresError(.connectFailed, errorMessage, sqlState: isStarting ? "57P03" : nil)
    }

    private static func settings(_ configuration: PostgresConfiguration) -> String {
        var settings = """
            SET datestyle = 'ISO'; SET timezone = 'UTC'; SET bytea_output = 'hex'; SET standard_conforming_strings = on;
            SET idle_in_transaction_session_timeout = \(configuration.idleInTransactionTimeout.milliseconds);
            """
        if let schema = configuration.schema {
            settings += "SET search_path = \(SQLText.identifier(schema)), public;"
        }
        return settings
    }
}

extension PostgresError {
    static var shutDown: PostgresError { PostgresError(.shutDown, "the pool has been shut down") }
}
