internal import Postgres
package import Resources

/// How the live proxies judge a backend.
package struct BackendVerdict: Sendable, Hashable {
    package let healthy: Int
    package let judges: Int
}

extension RegistryStore {
    /// Notes what proxies say of themselves, in one statement. Within one incarnation a generation never falls: a report
    /// that was overtaken on its way changes nothing but the time. Of several by the same proxy the last counts.
    ///
    /// - Parameter now: `nil` for the database's clock.
    package func report(_ reports: [ProxyReport], now: Timestamp? = nil) async throws {
        let newest = Dictionary(reports.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
        guard !newest.isEmpty else { return }
        let rows = try StoredJSON.text(newest.values.sorted { $0.id < $1.id })
        _ = try await transaction(isolation: .readCommitted, writesAudit: false) { transaction in
            try await transaction.execute(
                """
                INSERT INTO proxy (id, incarnation, address, admin_address, generation, digest, health, last_seen)
                SELECT id, incarnation, address, "adminAddress", generation, digest, health,
                    coalesce($2, clock_timestamp())
                FROM jsonb_to_recordset($1::jsonb) AS d (
                    id text, incarnation text, address text, "adminAddress" text, generation bigint, digest text,
                    health jsonb)
                ORDER BY id
                ON CONFLICT (id) DO UPDATE SET
                    incarnation = excluded.incarnation, address = excluded.address,
                    admin_address = excluded.admin_address, health = excluded.health,
                    last_seen = greatest(proxy.last_seen, excluded.last_seen),
                    digest = CASE
                        WHEN proxy.incarnation = excluded.incarnation AND excluded.generation < proxy.generation
                        THEN proxy.digest ELSE excluded.digest END,
                    generation = CASE
                        WHEN proxy.incarnation = excluded.incarnation AND excluded.generation < proxy.generation
                        THEN proxy.generation ELSE excluded.generation END
                """,
                [rows, now?.postgres])
        }
    }

    /// Forgets the proxies that nobody heard of for a day.
    package func forgetProxies(now: Timestamp? = nil) async throws {
        _ = try await transaction(isolation: .readCommitted, writesAudit: false) { transaction in
            try await transaction.execute(
                "DELETE FROM proxy WHERE last_seen < coalesce($1, clock_timestamp()) - interval '1 day'",
                [now?.postgres])
        }
    }
}

extension RegistryQueries {
    /// Proxies that are still remembered, by id.
    package func proxies(after id: String? = nil, limit: Int = 1000) async throws -> [ProxyRecord] {
        try await query(
            """
            SELECT id, incarnation, address, admin_address, generation, digest, health, last_seen
            FROM proxy WHERE id > $1 ORDER BY id LIMIT $2
            """,
            [id ?? "", limit]
        ).map { row in
            ProxyRecord(
                report: ProxyReport(
                    id: try row.decode("id"), incarnation: try row.decode("incarnation"),
                    address: try row.decode("address"), adminAddress: try row.decode("admin_address"),
                    generation: try row.decode("generation"), digest: try row.decode("digest"),
                    health: try row.json("health")),
                lastSeen: try row.timestamp("last_seen"))
        }
    }

    /// How far the live proxies have got with a release.
    package func convergence(_ release: Int, now: Timestamp? = nil) async throws -> Convergence {
        let rows = try await query(
            """
            WITH wanted AS (SELECT min(generation) AS generation FROM routing_table WHERE release >= $1)
            SELECT (SELECT generation FROM wanted) AS generation, count(*) AS live,
                count(*) FILTER (WHERE generation >= (SELECT generation FROM wanted)) AS in_step
            FROM proxy WHERE last_seen > (SELECT coalesce($2, clock_timestamp()) - $3 * interval '1 millisecond')
            """,
            [release, now?.postgres, ProxyRecord.liveness.milliseconds])
        guard let row = rows.first else { throw TurnoutError(.internal, "The proxies can't be counted.") }
        return Convergence(
            release: release, generation: try row.decodeIfPresent("generation"), live: try row.decode("live"),
            inStep: try row.decode("in_step"))
    }

    /// What the live proxies say of these backends, by `host:port`; a backend that none of them has judged is left out.
    package func verdicts(
        on backends: [String], now: Timestamp? = nil
    ) async throws -> [String: BackendVerdict] {
        let rows = try await query(
            """
            SELECT key AS backend, count(*) AS judges, count(*) FILTER (WHERE value::boolean) AS healthy
            FROM proxy CROSS JOIN jsonb_each(health)
            JOIN unnest($1::text[]) AS asked (backend) ON asked.backend = key
            WHERE last_seen > (SELECT coalesce($2, clock_timestamp()) - $3 * interval '1 millisecond')
            GROUP BY key
            """,
            [backends, now?.postgres, ProxyRecord.liveness.milliseconds])
        var verdicts: [String: BackendVerdict] = [:]
        for row in rows {
            verdicts[try row.decode("backend")] = BackendVerdict(
                healthy: try row.decode("healthy"), judges: try row.decode("judges"))
        }
        return verdicts
    }
}
