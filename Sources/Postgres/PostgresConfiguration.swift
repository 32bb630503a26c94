/// How to reach a PostgreSQL server and how long to wait for it. Built once, at start, by whoever opens a pool.
package struct PostgresConfiguration: Sendable {
    /// A libpq connection string: `postgresql://…` or `key=value …`. TLS is chosen here (`sslmode`, `sslrootcert`, …).
    package var url: String
    /// The most connections a pool has open at a time, each of them a server process. `LISTEN` connections don't count.
    package var maximumConnections: Int
    /// The most callers that may wait for a connection; the next one is refused at once.
    package var maximumWaiters: Int = 4096
    /// How long a single attempt to connect may take.
    package var connectTimeout: Duration
    /// How long a caller waits for a free connection, connecting included.
    package var acquireTimeout: Duration
    /// The deadline of a statement whose caller names none.
    package var statementTimeout: Duration
    /// The server ends a transaction whose client says nothing for so long, so that a frozen process holds no locks.
    package var idleInTransactionTimeout: Duration = .seconds(20)
    /// A quiet `LISTEN` connection is probed this often, so that a silently lost network is noticed.
    package var listenHeartbeat: Duration = .seconds(30)
    /// Shown in `pg_stat_activity`; an `application_name` in `url` wins.
    package var applicationName: String
    /// The schema searched before `public`; `nil` leaves the server's own setting.
    package var schema: String?

    package init(
        url: String,
        maximumConnections: Int = 16,
        connectTimeout: Duration = .seconds(5),
        acquireTimeout: Duration = .seconds(10),
        statementTimeout: Duration = .seconds(30),
        applicationName: String = "turnout",
        schema: String? = nil
    ) {
        self.url = url
        self.maximumConnections = max(1, maximumConnections)
        self.connectTimeout = connectTimeout
        self.acquireTimeout = acquireTimeout
        self.statementTimeout = statementTimeout
        self.applicationName = applicationName
        self.schema = schema
    }
}
