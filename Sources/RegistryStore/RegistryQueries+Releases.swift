internal import Postgres
package import Resources

/// The newest release, and the moment of the next change: later than it even when the clock was set back.
package struct ReleaseMoment: Sendable, Hashable {
    package let release: Int
    package let at: Timestamp
}

/// Someone changed an endpoint.
package struct EndpointChangeRecord: Sendable, Hashable {
    package let endpoint: EndpointName
    package let release: Int
    package let origin: RevisionOrigin
    package let actor: String
}

extension RegistryQueries {
    package func releaseMoment() async throws -> ReleaseMoment {
        let rows = try await query(
            """
            SELECT number, greatest(clock_timestamp(), created_at + interval '1 microsecond') AS at
            FROM release_counter WHERE is_only
            """)
        guard let row = rows.first else { throw TurnoutError(.internal, "The registry has no release counter.") }
        return ReleaseMoment(release: try row.decode("number"), at: try row.timestamp("at"))
    }

    /// What tells this registry from every other.
    package func registryID() async throws -> String {
        guard let row = try await query("SELECT id FROM registry WHERE is_only").first else {
            throw TurnoutError(.internal, "The registry has no id.")
        }
        return try row.decode("id")
    }

    package func release(_ number: Int) async throws -> Release? {
        try await query(releaseSelection("WHERE l.number = $1"), [number]).first.map { try $0.release() }
    }

    /// The newest first.
    ///
    /// - Parameter before: only releases with a lower number.
    package func releases(before: Int?, limit: Int) async throws -> [Release] {
        try await query(
            releaseSelection("WHERE l.number < $1 ORDER BY l.number DESC LIMIT $2"), [before ?? Int.max, limit]
        ).map { try $0.release() }
    }

    /// Who changed these endpoints after a release, by release and endpoint.
    package func changes(
        of endpoints: [EndpointName], since release: Int
    ) async throws -> [EndpointChangeRecord] {
        try await query(
            """
            SELECT r.endpoint, r.release, l.origin, l.actor
            FROM endpoint_revision r JOIN release l ON l.number = r.release
            WHERE r.release > $1 AND r.endpoint = ANY($2::text[])
            ORDER BY r.release, r.endpoint
            """,
            [release, endpoints.map(\.rawValue)]
        ).map { row in
            EndpointChangeRecord(
                endpoint: try row.name("endpoint"), release: try row.decode("release"),
                origin: try row.choice("origin"), actor: try row.decode("actor"))
        }
    }

    private func releaseSelection(_ rest: String) -> String {
        """
        SELECT l.number, l.origin, l.actor, l.reason, l.commit, l.source, l.created_at,
            ARRAY(SELECT endpoint FROM endpoint_revision WHERE release = l.number ORDER BY endpoint) AS endpoints
        FROM release l \(rest)
        """
    }
}

extension PostgresRow {
    fileprivate func release() throws -> Release {
        Release(
            number: try decode("number"), origin: try choice("origin"), actor: try decode("actor"),
            reason: try decodeIfPresent("reason"), commit: try decodeIfPresent("commit"),
            source: try decodeIfPresent("source"), createdAt: try timestamp("created_at"),
            endpoints: try decode("endpoints", as: [String].self).map { EndpointName(unchecked: $0) })
    }
}
