internal import Postgres
package import Resources

/// The columns that a `Revision` is read from: `r` is the revision, `l` its release.
let revisionColumns = """
    r.endpoint, r.number, r.release, r.active, r.removed, r.restores, r.content, r.digest, r.ranges, r.created_at,
    l.origin, l.actor, l.reason, l.commit
    """

extension PostgresRow {
    func revision() throws -> Revision {
        Revision(
            endpoint: try name("endpoint"), number: try decode("number"), release: try decode("release"),
            origin: try choice("origin"), active: try decode("active"), removed: try decode("removed"),
            restores: try decodeIfPresent("restores"), content: try json("content"), digest: try decode("digest"),
            ranges: try json("ranges"), actor: try decode("actor"), reason: try decodeIfPresent("reason"),
            commit: try decodeIfPresent("commit"),
            createdAt: try timestamp("created_at"))
    }
}

extension RegistryQueries {
    package func revision(_ number: Int, of endpoint: EndpointName) async throws -> Revision? {
        try await query(
            """
            SELECT \(revisionColumns)
            FROM endpoint_revision r JOIN release l ON l.number = r.release
            WHERE r.endpoint = $1 AND r.number = $2
            """,
            [endpoint.rawValue, number]
        ).first?.revision()
    }

    /// The newest first.
    ///
    /// - Parameter before: only revisions with a lower number.
    package func revisions(of endpoint: EndpointName, before: Int?, limit: Int) async throws -> [Revision] {
        try await query(
            """
            SELECT \(revisionColumns)
            FROM endpoint_revision r JOIN release l ON l.number = r.release
            WHERE r.endpoint = $1 AND r.number < $2
            ORDER BY r.number DESC LIMIT $3
            """,
            [endpoint.rawValue, before ?? Int(Int32.max), limit]
        ).map { try $0.revision() }
    }

    /// What was live at a moment; `nil` before the first revision.
    package func activeRevision(of endpoint: EndpointName, at moment: Timestamp) async throws -> Revision? {
        try await query(
            """
            SELECT \(revisionColumns)
            FROM endpoint_revision r JOIN release l ON l.number = r.release
            WHERE r.endpoint = $1 AND r.active AND r.created_at <= $2
            ORDER BY r.created_at DESC LIMIT 1
            """,
            [endpoint.rawValue, moment.postgres]
        ).first?.revision()
    }

    /// The newest revision that was live before this one and said something else; none that it was gone.
    package func formerRevision(than revision: Revision) async throws -> Revision? {
        try await query(
            """
            SELECT \(revisionColumns)
            FROM endpoint_revision r JOIN release l ON l.number = r.release
            WHERE r.endpoint = $1 AND r.active AND NOT r.removed AND r.number < $2 AND (r.digest <> $3 OR $4)
            ORDER BY r.number DESC LIMIT 1
            """,
            [revision.endpoint.rawValue, revision.number, revision.digest, revision.removed]
        ).first?.revision()
    }

    /// What these endpoints had live at a release, gone ones included; those that came later are left out.
    package func activeRevisions(
        of endpoints: [EndpointName], atRelease release: Int
    ) async throws -> [EndpointName: Revision] {
        let revisions = try await query(
            """
            SELECT \(revisionColumns)
            FROM unnest($1::text[]) AS e (name)
            CROSS JOIN LATERAL (
                SELECT * FROM endpoint_revision
                WHERE endpoint = e.name AND active AND release <= $2
                ORDER BY number DESC LIMIT 1) AS r
            JOIN release l ON l.number = r.release
            """,
            [endpoints.map(\.rawValue), release]
        ).map { try $0.revision() }
        return Dictionary(revisions.map { ($0.endpoint, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What every endpoint had live at a release.
    package func activeRevisions(atRelease release: Int) async throws -> [Revision] {
        try await query(
            """
            SELECT \(revisionColumns)
            FROM endpoint e
            CROSS JOIN LATERAL (
                SELECT * FROM endpoint_revision
                WHERE endpoint = e.name AND active AND release <= $1
                ORDER BY number DESC LIMIT 1) AS r
            JOIN release l ON l.number = r.release
            ORDER BY e.name
            """,
            [release]
        ).map { try $0.revision() }
    }

    /// The endpoints that got a revision after a release, whether it went live or waits.
    package func endpointsChanged(afterRelease release: Int) async throws -> [EndpointName] {
        try await query(
            "SELECT DISTINCT endpoint FROM endpoint_revision WHERE release > $1 ORDER BY endpoint", [release]
        ).map { try $0.name("endpoint") }
    }

    /// What every endpoint has live now, by name; none of those that are gone.
    package func activeRevisions() async throws -> [Revision] {
        try await query(
            """
            SELECT \(revisionColumns)
            FROM endpoint e
            JOIN endpoint_revision r ON r.endpoint = e.name AND r.number = e.active_revision
            JOIN release l ON l.number = r.release
            WHERE NOT e.removed
            ORDER BY e.name
            """, []
        ).map { try $0.revision() }
    }

    /// What these endpoints have live now, by name; none of those that are gone.
    package func activeRevisions(of endpoints: [EndpointName]) async throws -> [Revision] {
        try await query(
            """
            SELECT \(revisionColumns)
            FROM endpoint e
            JOIN endpoint_revision r ON r.endpoint = e.name AND r.number = e.active_revision
            JOIN release l ON l.number = r.release
            WHERE e.name = ANY($1::text[]) AND NOT e.removed
            ORDER BY e.name
            """,
            [endpoints.map(\.rawValue)]
        ).map { try $0.revision() }
    }
}
