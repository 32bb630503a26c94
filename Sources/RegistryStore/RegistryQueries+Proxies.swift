internal import Postgres
package import Resources

/// How the live proxies judge backends.
package struct BackendVerdicts: Sendable, Hashable {
    /// Live proxies that serve a table, and so judge all of its backends.
    package let judges: Int
    /// By `CheckedBackend.healthKey`, how many of them send it no requests; absent: none.
    package let against: [String: Int]

    /// Of these, the backends that most judges call healthy; `nil` when there is no judge.
    package func healthy(among keys: [String]) -> Int? {
        guard judges > 0 else { return nil }
        return keys.count { 2 * against[$0, default: 0] < judges }
    }
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
                INSERT INTO proxy (
                    id, incarnation, address, admin_address, generation, digest, unhealthy, refusal, last_seen)
                SELECT id, incarnation, address, "adminAddress", generation, digest, unhealthy,
                    nullif(left(refusal, 1000), ''), coalesce($2, clock_timestamp())
                FROM jsonb_to_recordset($1::jsonb) AS d (
                    id text, incarnation text, address text, "adminAddress" text, generation bigint, digest text,
                    unhealthy jsonb, refusal text)
                ORDER BY id
                ON CONFLICT (id) DO UPDATE SET
                    incarnation = excluded.incarnation, address = excluded.address,
                    admin_address = excluded.admin_address, unhealthy = excluded.unhealthy,
                    refusal = excluded.refusal,
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
            SELECT id, incarnation, address, admin_address, generation, digest, unhealthy, refusal, last_seen
            FROM proxy WHERE id > $1 ORDER BY id LIMIT $2
            """,
            [id ?? "", limit]
        ).map { row in
            ProxyRecord(
                report: ProxyReport(
                    id: try row.decode("id"), incarnation: try row.decode("incarnation"),
                    address: try row.decode("address"), adminAddress: try row.decode("admin_address"),
                    generation: try row.decode("generation"), digest: try row.decode("digest"),
                    unhealthy: try row.json("unhealthy"), refusal: try row.decodeIfPresent("refusal")),
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

    /// What the live proxies say of the backends that they serve.
    package func verdicts(now: Timestamp? = nil) async throws -> BackendVerdicts {
        // In a sub-query, since an index serves no comparison with a clock that may move while it is read.
        let live =
            "last_seen > (SELECT coalesce($1, clock_timestamp()) - $2 * interval '1 millisecond') AND generation > 0"
        let parameters: [any PostgresEncodable] = [now?.postgres, ProxyRecord.liveness.milliseconds]
        let judges = try await query("SELECT count(*) AS judges FROM proxy WHERE \(live)", parameters)
        let rows = try await query(
            """
            SELECT backend, count(*) AS against
            FROM proxy CROSS JOIN jsonb_array_elements_text(unhealthy) AS backend
            WHERE \(live) GROUP BY backend
            """, parameters)
        var against: [String: Int] = [:]
        for row in rows { against[try row.decode("backend")] = try row.decode("against") }
        return BackendVerdicts(judges: try judges.first?.decode("judges") ?? 0, against: against)
    }
}

/// How far the live proxies are behind the newest routing table.
package struct ProxyLag: Sendable, Hashable {
    /// The newest table's; 0 before the first.
    package let generation: Int
    package let live: Int
    package let inStep: Int
    /// Of the one that is furthest behind.
    package let generations: Int
    /// Of the one that was silent the longest.
    package let silenceSeconds: Double
}

extension RegistryQueries {
    package func proxyLag() async throws -> ProxyLag {
        let rows = try await query(
            """
            WITH newest AS (SELECT coalesce(max(generation), 0) AS generation FROM routing_table)
            SELECT (SELECT generation FROM newest) AS generation, count(*) AS live,
                count(*) FILTER (WHERE generation >= (SELECT generation FROM newest)) AS in_step,
                greatest(0, coalesce(max((SELECT generation FROM newest) - generation), 0)) AS generations,
                greatest(0, coalesce(extract(epoch FROM max(clock_timestamp() - last_seen)), 0))::float8 AS silence
            FROM proxy WHERE last_seen > clock_timestamp() - $1 * interval '1 millisecond'
            """,
            [ProxyRecord.liveness.milliseconds])
        guard let row = rows.first else { throw TurnoutError(.internal, "The proxies can't be counted.") }
        return ProxyLag(
            generation: try row.decode("generation"), live: try row.decode("live"), inStep: try row.decode("in_step"),
            generations: try row.decode("generations"), silenceSeconds: try row.decode("silence"))
    }
}
