import Logging
import Postgres

extension PostgresPool {
    /// Returns once the server answers; says every few seconds what it waits for.
    ///
    /// - Throws: what the server says of a statement, once it takes any.
    func waitUntilReachable(logger: Logger) async throws {
        let clock = ContinuousClock()
        var nextWord = clock.now + .seconds(1)
        while true {
            do {
                _ = try await query("SELECT 1 AS one", [])
                return
            } catch let error as PostgresError where Self.mayPass(error) {
                if clock.now >= nextWord {
                    logger.warning("Waiting for PostgreSQL", metadata: ["error.message": "\(error.operatorDetail)"])
                    nextWord = clock.now + .seconds(5)
                }
                try await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    private static func mayPass(_ error: PostgresError) -> Bool {
        switch error.code {
        case .connectFailed, .connectionLost, .acquireTimedOut, .statementTimedOut: true
        default: false
        }
    }
}
