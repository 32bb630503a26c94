internal import Postgres
package import Resources

/// A routing table without its body.
package struct RoutingTableMark: Sendable, Hashable {
    package let generation: Int
    package let release: Int
    package let epoch: Int
    package let digest: String
}

extension RegistryQueries {
    /// What leads from a generation to the newest table, in order: changes, after a whole table where they don't reach.
    ///
    /// - Parameter generation: 0 for none; empty when it is the newest.
    package func routingTables(after generation: Int = 0) async throws -> [PublishedTable] {
        // Without a generation to start from: from the newest whole table on.
        try await query(
            """
            SELECT generation, epoch, release, digest, created_at, delta,
                CASE WHEN delta IS NULL OR $1 = 0 THEN body END AS body
            FROM routing_table
            WHERE generation > $1 AND generation >= CASE
                WHEN $1 > 0 THEN 0
                ELSE coalesce((SELECT max(generation) FROM routing_table WHERE body IS NOT NULL), 0) END
            ORDER BY generation
            """,
            [generation]
        ).map { row in
            PublishedTable(
                generation: try row.decode("generation"), epoch: try row.decode("epoch"),
                release: try row.decode("release"), body: try row.decodeIfPresent("body"),
                delta: try row.decodeIfPresent("delta"), digest: try row.decode("digest"),
                createdAt: try row.timestamp("created_at"))
        }
    }

    /// What the newest table is, without reading it whole.
    package func routingTableMark() async throws -> RoutingTableMark? {
        try await query(
            "SELECT generation, release, epoch, digest FROM routing_table ORDER BY generation DESC LIMIT 1"
        ).first.map { row in
            RoutingTableMark(
                generation: try row.decode("generation"), release: try row.decode("release"),
                epoch: try row.decode("epoch"), digest: try row.decode("digest"))
        }
    }
}

extension RegistryStore {
    /// Stores a table, as what changed since the one before or whole, and tells every server of it. The schema refuses an
    /// epoch, release or generation that is not the next.
    ///
    /// - Throws: `conflict` when the lease has gone to another holder, or another table came first.
    package func publish(
        body: [UInt8]?, delta: [UInt8]?, digest: String, generation: Int, release: Int, under lease: Lease
    ) async throws {
        try await transaction(isolation: .readCommitted, writesAudit: false) { transaction in
            try await transaction.demand(lease)
            do {
                try await transaction.execute(
                    """
                    INSERT INTO routing_table (generation, epoch, release, body, delta, digest, created_at)
                    VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp())
                    """,
                    [generation, lease.epoch, release, body, delta, digest])
            } catch let violation as RegistryViolation {
                throw TurnoutError(
                    .conflict, "Another routing table was published meanwhile.", context: violation.detail)
            }
            _ = try await transaction.query("SELECT pg_notify('turnout_table', $1)", [String(generation)])
        }
    }

    /// Keeps the newest table whole, so that nobody needs the changes that led to it, and forgets old ones.
    ///
    /// - Throws: `conflict` when the lease has gone to another holder.
    package func keepWhole(generation: Int, body: [UInt8], under lease: Lease) async throws {
        try await transaction(isolation: .readCommitted, writesAudit: false) { transaction in
            try await transaction.demand(lease)
            try await transaction.execute(
                "UPDATE routing_table SET body = $2 WHERE generation = $1 AND body IS NULL", [generation, body])
            try await transaction.execute(
                """
                DELETE FROM routing_table WHERE generation <= $1
                    AND generation < (SELECT max(generation) FROM routing_table WHERE body IS NOT NULL)
                """,
                [generation - Self.keptTables])
        }
    }

    /// Notes that the newest table holds these releases too, since they changed nothing that is live.
    ///
    /// - Throws: `conflict` when the lease has gone to another holder.
    package func advance(generation: Int, toRelease release: Int, under lease: Lease) async throws {
        try await transaction(isolation: .readCommitted, writesAudit: false) { transaction in
            try await transaction.demand(lease)
            try await transaction.execute(
                "UPDATE routing_table SET release = $2, epoch = $3 WHERE generation = $1 AND release < $2",
                [generation, release, lease.epoch])
            _ = try await transaction.query("SELECT pg_notify('turnout_table', $1)", [String(generation)])
        }
    }

    /// So many tables are kept, for looking back and for proxies that ask while a new one comes.
    private static var keptTables: Int { 100 }

    /// Calls `act` whenever a change was committed through any server, and once the listening begins or begins again,
    /// since something may have been missed. Endless; ends when the task is cancelled.
    package func forEachChange(_ act: () -> Void) async {
        for await _ in pool.listen("turnout_change") { act() }
    }
}
