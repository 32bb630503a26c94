internal import Postgres
package import Resources

extension RegistryQueries {
    /// Where these endpoints stand; unknown names are left out. Two statements, however many endpoints.
    ///
    /// Consistent only inside of a transaction.
    package func endpointHeads(_ names: [EndpointName]) async throws -> [EndpointName: EndpointHead] {
        try await heads(where: "WHERE e.name = ANY($1::text[])", [names.map(\.rawValue)])
    }

    /// Where every endpoint stands.
    package func endpointHeads() async throws -> [EndpointName: EndpointHead] { try await heads(where: "", []) }

    /// Where the endpoints stand whose hold's time has passed.
    package func endpointHeadsWithExpiredHold(at now: Timestamp) async throws -> [EndpointName: EndpointHead] {
        try await heads(where: "WHERE h.until <= $1", [now.postgres])
    }

    /// Of an endpoint that is there or once was.
    ///
    /// - Throws: `notFound`, with the name that was meant when there is one.
    package func endpointHead(_ name: EndpointName) async throws -> EndpointHead {
        if let head = try await endpointHeads([name])[name] { return head }
        throw await unknownEndpoint(name)
    }

    /// Of an endpoint that is there.
    ///
    /// - Throws: `notFound`, with the name that was meant when there is one, or with how the endpoint can come back.
    package func presentEndpointHead(_ name: EndpointName) async throws -> EndpointHead {
        let head = try await endpointHead(name)
        guard head.isRemoved else { return head }
        throw TurnoutError(
            .notFound,
            "Endpoint '\(name)' was removed by \(head.active.actor) with release \(head.active.release). "
                + "'turnout rollback \(name)' brings it back; 'turnout history \(name)' says what it was.")
    }

    package func unknownEndpoint(_ name: EndpointName) async -> TurnoutError {
        let names = try? await endpointNames()
        guard let meant = NearMiss.suggestion(for: name.rawValue, among: (names ?? []).map(\.rawValue)) else {
            return TurnoutError(.notFound, "There is no endpoint '\(name)'.")
        }
        return TurnoutError(.notFound, "There is no endpoint '\(name)'; did you mean '\(meant)'?")
    }

    package func endpointNames() async throws -> [EndpointName] {
        try await query("SELECT name FROM endpoint WHERE NOT removed ORDER BY name").map { try $0.name("name") }
    }

    /// In the order of the names, those behind `name`.
    package func endpointNames(after name: String?, limit: Int) async throws -> [EndpointName] {
        try await query(
            "SELECT name FROM endpoint WHERE NOT removed AND name > $1 ORDER BY name LIMIT $2", [name ?? "", limit]
        ).map { try $0.name("name") }
    }

    /// What a source declares that is not gone, by name.
    package func endpointNames(ofSource source: String) async throws -> [EndpointName] {
        try await query("SELECT name FROM endpoint WHERE source = $1 AND NOT removed ORDER BY name", [source])
            .map { try $0.name("name") }
    }

    /// Who has these hosts, endpoints of these names left out.
    package func hostOwners(_ hosts: [String], except names: [EndpointName]) async throws -> [String: EndpointName] {
        let rows = try await query(
            """
            SELECT host, endpoint FROM endpoint_host
            WHERE host = ANY($1::text[]) AND NOT endpoint = ANY($2::text[])
            """,
            [hosts, names.map(\.rawValue)])
        var owners: [String: EndpointName] = [:]
        for row in rows { owners[try row.decode("host")] = try row.name("endpoint") as EndpointName }
        return owners
    }

    private func heads(
        where condition: String, _ parameters: [any PostgresEncodable]
    ) async throws -> [EndpointName: EndpointHead] {
        let from = """
            FROM endpoint e
            LEFT JOIN hold h ON h.endpoint = e.name AND h.ended_at IS NULL
            """
        let rows = try await query(
            """
            SELECT e.name, e.latest_revision, e.active_revision, e.applied_revision, e.waiting_revision, e.bucket_map,
                e.source, h.kind, h.actor AS held_by, h.reason, h.since, h.until
            \(from) \(condition)
            """, parameters)
        let revisions = try await query(
            """
            SELECT \(revisionColumns)
            \(from)
            JOIN endpoint_revision r ON r.endpoint = e.name
                AND r.number IN (e.active_revision, e.applied_revision, e.waiting_revision)
            JOIN release l ON l.number = r.release
            \(condition)
            """, parameters
        ).map { try $0.revision() }
        let byName = Dictionary(grouping: revisions, by: \.endpoint)
        var heads: [EndpointName: EndpointHead] = [:]
        for row in rows {
            let head = try Self.head(row, byName)
            heads[head.name] = head
        }
        return heads
    }

    private static func head(
        _ row: PostgresRow, _ revisions: [EndpointName: [Revision]]
    ) throws -> EndpointHead {
        let name: EndpointName = try row.name("name")
        func revision(_ column: String) throws -> Revision? {
            guard let number = try row.decodeIfPresent(column, as: Int.self) else { return nil }
            return revisions[name]?.first { $0.number == number }
        }
        guard let active = try revision("active_revision"), let applied = try revision("applied_revision") else {
            throw TurnoutError(.internal, "Endpoint '\(name)' can't be read.", context: "a head has no revision")
        }
        return EndpointHead(
            name: name, latestRevision: try row.decode("latest_revision"), active: active, applied: applied,
            waiting: try revision("waiting_revision"), hold: try row.hold(), bucketMap: try row.decode("bucket_map"),
            source: try row.decodeIfPresent("source"))
    }
}
