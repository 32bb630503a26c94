internal import CLibPQ

extension LibPQSession {
    /// Runs one statement with parameters, prepared on first use.
    func run(
        _ sql: String, _ parameters: [PostgresValue], deadline: ContinuousClock.Instant
    ) throws -> PostgresResult {
        do {
            return try runOnce(sql, parameters, deadline: deadline)
        } catch let error as PostgresError where error.code == .stalePlan {
            // The server would refuse the old plan for ever. Its name is leaked until the connection closes.
            preparedStatements[sql] = nil
            // Within a transaction that has failed by now only its owner can start over.
            guard transactionStatus == PQTRANS_IDLE else { throw error }
            return try runOnce(sql, parameters, deadline: deadline)
        }
    }

    /// Runs statements separated by semicolons, without parameters. Returns the last one's result.
    func run(script: String, deadline: ContinuousClock.Instant) throws -> PostgresResult? {
        try refuseNUL(script)
        try checkAlive()
        guard PQsendQuery(connection, script) == 1 else { throw sendFailure() }
        return try finishStatement(deadline: deadline)
    }

    private func runOnce(
        _ sql: String, _ parameters: [PostgresValue], deadline: ContinuousClock.Instant
    ) throws -> PostgresResult {
        try checkAlive()
        let statement = try prepare(sql, deadline: deadline)
        let arguments = StatementArguments(parameters)
        let sent = arguments.withPointers { count, values, lengths, formats in
            if let statement {
                PQsendQueryPrepared(connection, statement, count, values, lengths, formats, 0)
            } else {
                PQsendQueryParams(connection, sql, count, nil, values, lengths, formats, 0)
            }
        }
        guard sent == 1 else { throw sendFailure() }
        guard let result = try finishStatement(deadline: deadline) else { throw connectionLost() }
        return result
    }

    /// The server's name for the statement; `nil` when it keeps enough of them already.
    private func prepare(_ sql: String, deadline: ContinuousClock.Instant) throws -> String? {
        if let name = preparedStatements[sql] { return name }
        try refuseNUL(sql)
        guard preparedCount < Self.maximumPreparedStatements else { return nil }
        preparedCount += 1
        let name = "s\(preparedCount)"
        guard PQsendPrepare(connection, name, sql, 0, nil) == 1 else { throw sendFailure() }
        _ = try finishStatement(deadline: deadline)
        preparedStatements[sql] = name
        return name
    }

    private func checkAlive() throws(PostgresError) {
        guard !interruption.isAbandoned else { throw PostgresError.shutDown }
        guard isAlive else { throw connectionLost() }
    }

    private func refuseNUL(_ sql: String) throws(PostgresError) {
        guard !sql.utf8.contains(0) else { throw PostgresError(.invalidParameter, "a statement holds a NUL character") }
    }

    /// libpq refused to send, for want of memory or of a connection, or because of too many parameters.
    private func sendFailure() -> PostgresError {
        guard PQstatus(connection) == CONNECTION_OK else { return connectionLost() }
        return PostgresError(.refused, errorMessage)
    }
}
