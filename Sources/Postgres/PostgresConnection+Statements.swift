extension PostgresConnection {
    /// Runs one statement and returns its rows. Parameters are `$1`, `$2`, …; their types are inferred by the server.
    /// The statement is prepared on first use and kept by its text, so texts should be constants.
    /// - Parameter deadline: when to give up; `nil` means `statementTimeout` from now.
    /// - Throws: `PostgresError`; `CancellationError` when the task was cancelled and the statement had no effect.
    package func query(
        _ sql: String, _ parameters: [any PostgresEncodable] = [], deadline: ContinuousClock.Instant? = nil
    ) async throws -> [PostgresRow] {
        try await result(sql, parameters, deadline: deadline).rows
    }

    /// Like `query`, for the number of rows affected.
    @discardableResult
    package func execute(
        _ sql: String, _ parameters: [any PostgresEncodable] = [], deadline: ContinuousClock.Instant? = nil
    ) async throws -> Int {
        try await result(sql, parameters, deadline: deadline).affectedRows
    }

    /// Runs several statements without parameters, separated by semicolons, in one implicit transaction unless they say
    /// otherwise. For migrations and set-up.
    package func script(_ sql: String, deadline: ContinuousClock.Instant? = nil) async throws {
        let deadline = deadline ?? .now + configuration.statementTimeout
        _ = try await perform { try $0.run(script: sql, deadline: deadline) }
    }

    private func result(
        _ sql: String, _ parameters: [any PostgresEncodable], deadline: ContinuousClock.Instant?
    ) async throws -> PostgresResult {
        let deadline = deadline ?? .now + configuration.statementTimeout
        var values: [PostgresValue] = []
        values.reserveCapacity(parameters.count)
        for parameter in parameters { values.append(try parameter.encodePostgres()) }
        return try await perform { try $0.run(sql, values, deadline: deadline) }
    }

    /// Waits for a notification, interrupted by cancellation only; probes a quiet connection every `heartbeat`.
    func nextNotification(heartbeat: Duration) async throws -> PostgresNotification {
        while true {
            let notification = try await perform { try $0.nextNotification(deadline: .now + heartbeat) }
            if let notification { return notification }
            _ = try await query("SELECT 1", deadline: .now + .seconds(10))
        }
    }
}
