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
    /// The newest table; `nil` before the first.
    package func routingTable() async throws -> PublishedTable? {
        try await query(
            """
            SELECT generation, epoch, release, body, digest, created_at
            FROM routing_table ORDER BY generation DESC LIMIT 1
            """
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

extension RegistryTransaction {
    /// Stores a table and tells every server of it. The schema refuses an epoch, release or generation that is not the
    /// next.
    package func publish(body: [UInt8], generation: Int, release: Int, under lease: Lease) async throws {
        try await demand(lease)
        do {
            try await execute(
                """
                INSERT INTO routing_table (generation, epoch, release, body, digest, created_at)
                VALUES ($1, $2, $3, $4, encode(sha256($4), 'hex'), clock_timestamp())
                """,
                [generation, lease.epoch, release, body])
        } catch let violation as RegistryViolation {
            throw TurnoutError(
                .conflict, "Another routing table was published meanwhile.", context: violation.detail)
        }
        try await execute("DELETE FROM routing_table WHERE generation <= $1", [generation - Self.keptTables])
        _ = try await query("SELECT pg_notify('turnout_table', $1)", [String(generation)])
    }

    /// Notes that the newest table holds these releases too, since they changed nothing that is live.
    package func advance(generation: Int, toRelease release: Int, under lease: Lease) async throws {
        try await demand(lease)
        try await execute(
            "UPDATE routing_table SET release = $2, epoch = $3 WHERE generation = $1 AND release < $2",
            [generation, release, lease.epoch])
        _ = try await query("SELECT pg_notify('turnout_table', $1)", [String(generation)])
    }

    /// So many tables are kept, for looking back and for proxies that ask while a new one comes.
    private static var keptTables: Int { 100 }
}
