import Postgres
import Resources
import SoakHistory

/// The run's own look at the database, past the relays.
struct Observer: Sendable {
    private static let server = "application_name = 'turnout' AND datname = current_database()"

    let pool: PostgresPool

    /// Where everything stands.
    struct State: Sendable, Hashable {
        var newestRelease = 0
        var generation = 0
        var tableRelease = 0
        var digest = ""
        var proxies: [Settlement.ProxyState] = []
        /// Holds whose time has passed and that nobody released.
        var overdueHolds = 0

        /// Whether what was decided is what every one of so many proxies serves.
        func isInStep(proxies count: Int) -> Bool {
            tableRelease == newestRelease && overdueHolds == 0 && proxies.count == count
                && proxies.allSatisfy { $0.generation == generation && $0.digest == digest }
        }
    }

    func state() async throws -> State {
        try await pool.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            var state = State()
            let releases = try await transaction.query("SELECT number FROM release_counter")
            state.newestRelease = try releases.first?.decode("number") ?? 0
            let holds = try await transaction.query(
                "SELECT count(*) AS overdue FROM hold WHERE ended_at IS NULL AND until < clock_timestamp()")
            state.overdueHolds = try holds.first?.decode("overdue") ?? 0
            let tables = try await transaction.query(
                "SELECT generation, release, digest FROM routing_table ORDER BY generation DESC LIMIT 1")
            if let table = tables.first {
                state.generation = try table.decode("generation")
                state.tableRelease = try table.decode("release")
                state.digest = try table.decode("digest")
            }
            state.proxies = try await transaction.query(
                "SELECT id, generation, digest FROM proxy ORDER BY id"
            ).map {
                Settlement.ProxyState(
                    id: try $0.decode("id"), generation: try $0.decode("generation"), digest: try $0.decode("digest"))
            }
            return state
        }
    }

    /// Whether the answer to an intent is on record; `nil` when nobody can look just now.
    func isRecorded(_ intent: String) async -> Bool? {
        let rows = try? await pool.query(
            "SELECT 1 AS one FROM idempotency_key WHERE key = $1", [intent], deadline: .now + .seconds(1))
        return rows.map { !$0.isEmpty }
    }

    /// Who leads: the reconciler's lease.
    func lease() async throws -> (holder: String, epoch: Int)? {
        let rows = try await pool.query("SELECT holder, epoch FROM lease WHERE name = 'reconciler'")
        guard let row = rows.first else { return nil }
        return (try row.decode("holder"), try row.decode("epoch"))
    }

    /// By PostgreSQL's clock.
    func clock() async throws -> Timestamp {
        let rows = try await pool.query(
            "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS at")
        return Timestamp(microseconds: try rows.first?.decode("at") ?? 0)
    }

    /// When the release that each table was first published for was the newest, by its generation. The newest release's
    /// own time has no end; a moment of it is given.
    func releaseTimes() async throws -> [Int: Range<Timestamp>] {
        let rows = try await pool.query(
            """
            SELECT p.generation, (extract(epoch FROM r.created_at) * 1000000)::bigint AS since, coalesce((
                    SELECT (extract(epoch FROM n.created_at) * 1000000)::bigint FROM release n
                    WHERE n.number = r.number + 1), 0) AS until
            FROM soak.publication p JOIN release r ON r.number = p.release
            WHERE p.body IS NOT NULL OR p.delta IS NOT NULL
            """)
        var times: [Int: Range<Timestamp>] = [:]
        for row in rows {
            let since: Int64 = try row.decode("since")
            let until = max(since + 1, try row.decode("until", as: Int64.self))
            times[try row.decode("generation")] =
                Timestamp(microseconds: since)..<Timestamp(microseconds: until)
        }
        return times
    }

    /// Under which the newest routing table was written; 0 before there is one.
    func newestEpoch() async throws -> Int {
        try await pool.query("SELECT epoch FROM routing_table ORDER BY generation DESC LIMIT 1").first?
            .decode("epoch") ?? 0
    }

    /// PostgreSQL's processes that can be asked for: sessions and helpers, and the first one, their parent.
    func postgresProcesses() async throws -> [Int] {
        try await pool.query(
            """
            SELECT pid FROM pg_stat_activity
            UNION SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::integer
            """
        ).map { try $0.decode("pid") }
    }

    /// Transactions of servers that are open just now, each by its process and its beginning.
    func openTransactions() async throws -> Set<String> {
        let rows = try await pool.query(
            """
            SELECT 'session ' || pid || ' in a transaction since ' || xact_start || ': ' || state || ' ' || left(query, 80)
                AS transaction
            FROM pg_stat_activity WHERE \(Self.server) AND xact_start IS NOT NULL
            """)
        return Set(try rows.map { try $0.decode("transaction") })
    }

    /// Ends every session of the servers.
    /// - Returns: how many.
    func terminateSessions() async throws -> Int {
        try await pool.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE \(Self.server)").count
    }

    /// Changes the rows of models and endpoints as fast as it can, so that whoever is about to change them fails to
    /// serialise.
    func contend(until deadline: ContinuousClock.Instant) async throws {
        while .now < deadline {
            try await pool.execute("UPDATE model SET updated_at = updated_at")
            try await pool.execute("UPDATE endpoint SET bucket_map = bucket_map")
        }
    }
}
