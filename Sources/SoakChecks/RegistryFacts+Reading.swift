internal import Foundation
package import Postgres
internal import Resources

extension RegistryFacts {
    /// Reads everything in one snapshot.
    package static func read(_ pool: PostgresPool) async throws -> RegistryFacts {
        try await pool.transaction(isolation: .repeatableRead, readOnly: true) { transaction in
            var facts = RegistryFacts()
            facts.models = try await transaction.query("SELECT name, version_counter FROM model ORDER BY name").map {
                ModelRow(name: try $0.decode("name"), versionCounter: try $0.decode("version_counter"))
            }
            facts.versions = try await versions(transaction)
            facts.aliasMoves = try await aliasMoves(transaction)
            try await facts.readReleases(transaction)
            facts.audit = try await audit(transaction)
            try await facts.readWitnesses(transaction)
            return facts
        }
    }

    private static func versions(_ transaction: PostgresTransaction) async throws -> [VersionRow] {
        try await transaction.query(
            """
            SELECT m.name, v.number, v.commit, v.created_by, v.deleted_at IS NOT NULL AS is_deleted
            FROM model_version v JOIN model m ON m.id = v.model_id ORDER BY m.name, v.number
            """
        ).map { row in
            VersionRow(
                reference: VersionReference(
                    model: ModelName(unchecked: try row.decode("name")), version: try row.decode("number")),
                commit: try row.decodeIfPresent("commit"), createdBy: try row.decode("created_by"),
                isDeleted: try row.decode("is_deleted"))
        }
    }

    private static func aliasMoves(_ transaction: PostgresTransaction) async throws -> [AliasMove] {
        try await transaction.query(
            """
            SELECT m.name, h.alias, h.number, h.reason
            FROM model_alias_history h JOIN model m ON m.id = h.model_id ORDER BY h.id
            """
        ).map { row in
            AliasMove(
                model: ModelName(unchecked: try row.decode("name")),
                alias: AliasName(unchecked: try row.decode("alias")), version: try row.decodeIfPresent("number"),
                reason: try row.decodeIfPresent("reason"))
        }
    }

    private mutating func readReleases(_ transaction: PostgresTransaction) async throws {
        releaseCounter =
            try await transaction.query("SELECT number FROM release_counter").first?.decode("number") ?? 0
        releases = try await transaction.query("SELECT number, actor, reason FROM release ORDER BY number").map {
            ReleaseRow(
                number: try $0.decode("number"), actor: try $0.decode("actor"),
                reason: try $0.decodeIfPresent("reason"))
        }
        revisions = try await transaction.query(
            """
            SELECT r.endpoint, r.number, r.release, r.active, r.removed, r.ranges::text AS ranges,
                coalesce((SELECT jsonb_object_agg(v.name, m.name || '/' || v.version) FROM revision_variant v
                    JOIN model m ON m.id = v.model_id
                    WHERE v.endpoint = r.endpoint AND v.revision = r.number), '{}')::text AS versions
            FROM endpoint_revision r ORDER BY r.endpoint, r.number
            """
        ).map(Self.revision)
        endpoints = try await transaction.query(
            "SELECT name, latest_revision, active_revision, removed FROM endpoint ORDER BY name"
        ).map {
            EndpointRow(
                name: EndpointName(unchecked: try $0.decode("name")), latest: try $0.decode("latest_revision"),
                active: try $0.decode("active_revision"), isRemoved: try $0.decode("removed"))
        }
        for row in try await transaction.query("SELECT endpoint, actor FROM hold WHERE ended_at IS NULL") {
            openHolds[EndpointName(unchecked: try row.decode("endpoint"))] = try row.decode("actor")
        }
    }

    private static func revision(_ row: PostgresRow) throws -> RevisionRow {
        let selectors: [VariantName: VersionSelector] = try json(row, "versions")
        var versions: [VariantName: VersionReference] = [:]
        for case (let name, .version(let version)) in selectors { versions[name] = version }
        return RevisionRow(
            endpoint: EndpointName(unchecked: try row.decode("endpoint")), number: try row.decode("number"),
            release: try row.decode("release"), isActive: try row.decode("active"),
            isRemoval: try row.decode("removed"), ranges: try json(row, "ranges"),
            versions: versions)
    }

    /// The chain is computed in SQL, apart from the trigger that wrote it and from the server that verifies it.
    private static func audit(_ transaction: PostgresTransaction) async throws -> [AuditRow] {
        try await transaction.query(
            """
            SELECT sequence, actor, action, subject, reason, detail::text AS detail,
                (extract(epoch FROM at) * 1000000)::bigint AS at,
                previous_hash = coalesce(lag(hash) OVER (ORDER BY sequence), decode(repeat('00', 32), 'hex'))
                    AND hash = sha256(previous_hash || convert_to((
                        SELECT string_agg(coalesce(octet_length(field) || ':' || field, '-'), '' ORDER BY place)
                        FROM unnest(ARRAY[sequence::text, (extract(epoch FROM at) * 1000000)::bigint::text, actor,
                            role, action, subject, reason, detail::text]) WITH ORDINALITY AS part (field, place)
                    ), 'UTF8'))
                    AND hash = coalesce(
                        lead(previous_hash) OVER (ORDER BY sequence), (SELECT c.hash FROM audit_chain c))
                    AS is_chained
            FROM audit_entry ORDER BY sequence
            """
        ).map { row in
            let action: String = try row.decode("action")
            return AuditRow(
                sequence: try row.decode("sequence"), actor: try row.decode("actor"), action: action,
                subject: try row.decode("subject"), reason: try row.decodeIfPresent("reason"),
                at: Timestamp(microseconds: try row.decode("at")),
                change: action.hasPrefix("endpoint.") ? try json(row, "detail") : nil,
                isChained: try row.decode("is_chained"))
        }
    }

    private mutating func readWitnesses(_ transaction: PostgresTransaction) async throws {
        publications = try await transaction.query(
            "SELECT generation, epoch, release, lease_epoch, digest, body, delta FROM soak.publication ORDER BY id"
        ).map {
            Publication(
                generation: try $0.decode("generation"), epoch: try $0.decode("epoch"),
                release: try $0.decode("release"), leaseEpoch: try $0.decode("lease_epoch"),
                digest: try $0.decode("digest"), body: try $0.decodeIfPresent("body"),
                delta: try $0.decodeIfPresent("delta"))
        }
        grants = try await transaction.query("SELECT epoch, holder FROM soak.lease_grant ORDER BY id").map {
            LeaseGrant(epoch: try $0.decode("epoch"), holder: try $0.decode("holder"))
        }
        proxySteps = try await transaction.query(
            "SELECT proxy, incarnation, generation, digest FROM soak.proxy_step ORDER BY id"
        ).map {
            ProxyStep(
                proxy: try $0.decode("proxy"), incarnation: try $0.decode("incarnation"),
                generation: try $0.decode("generation"), digest: try $0.decode("digest"))
        }
    }

    private static func json<Value: Decodable>(_ row: PostgresRow, _ column: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(try row.decode(column, as: String.self).utf8))
    }
}
