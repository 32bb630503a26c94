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
    /// The newest table, if its generation is above this one; 0 for any.
    package func routingTable(newerThan generation: Int = 0) async throws -> PublishedTable? {
        try await query(
            """
            SELECT generation, epoch, release, body, digest, created_at
            FROM routing_table WHERE generation > $1 ORDER BY generation DESC LIMIT 1
            """,
            [generation]
        ).first.map { row in
            PublishedTable(
                generation: try row.decode("generation"), epoch: try row.decode("epoch"),
                release: try row.decode("release"), body: try row.decode("body"), digest: try row.decode("digest"),
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
    /// Stores a table and tells every server of it. The schema refuses an epoch, release or generation that is not the
    /// next.
    ///
    /// - Throws: `conflict` when the lease has gone to another holder, or another table came first.
    package func publish(
        body: [UInt8], digest: String, generation: Int, release: Int, under lease: Lease
    ) async throws {
        try await transaction(isolation: .readCommitted, writesAudit: false) { transaction in
            try await transaction.demand(lease)
            do {
                try await transaction.execute(
                    """
                    INSERT INTO routing_table (generation, epoch, release, body, digest, created_at)
                    VALUES ($1, $2, $3, $4, $5, clock_timestamp())
                    """,
                    [generation, lease.epoch, release, body, digest])
            } catch let violation as RegistryViolation {
                throw TurnoutError(
                    .conflict, "Another routing table was published meanwhile.", context: violation.detail)
            }
            try await transaction.execute(
                "DELETE FROM routing_table WHERE generation <= $1", [generation - Self.keptTables])
            _ = try await transaction.query("SELECT pg_notify('turnout_table', $1)", [String(generation)])
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
