internal import Postgres
package import Resources

extension RegistryQueries {
    /// - Returns: `nil` when there is no such version, or it was deleted.
    package func version(_ reference: VersionReference) async throws -> ModelVersion? {
        try await query(
            """
            \(versionColumns)
            WHERE m.name = $1 AND m.deleted_at IS NULL AND v.number = $2::bigint AND v.deleted_at IS NULL
            """, [reference.model.rawValue, reference.version]
        ).first.map(ModelVersion.init(row:))
    }

    /// A model's versions, the newest first.
    package func versions(of model: ModelName, before number: Int64?, limit: Int) async throws -> [ModelVersion] {
        try await query(
            """
            \(versionColumns)
            WHERE m.name = $1 AND m.deleted_at IS NULL AND v.number < $2::bigint AND v.deleted_at IS NULL
            ORDER BY v.number DESC LIMIT $3
            """, [model.rawValue, number ?? Int64.max, limit]
        ).map(ModelVersion.init(row:))
    }
}

extension RegistryTransaction {
    /// Registers a version under the model's next number.
    /// - Returns: `nil` when there is no such model.
    /// - Throws: `RegistryViolation` of a foreign key when an artifact was never pushed.
    package func insertVersion(
        of model: ModelName, _ draft: VersionDraft, at now: Timestamp, by actor: String
    ) async throws -> VersionReference? {
        // The row lock that this takes is what keeps numbers apart, whatever the isolation.
        let counter = try await query(
            """
            UPDATE model SET version_counter = version_counter + 1, updated_at = $2
            WHERE name = $1 AND deleted_at IS NULL RETURNING id, version_counter
            """, [model.rawValue, now.postgres])
        guard let row = counter.first else { return nil }
        let id = try row.decode("id", as: Int64.self)
        let number = try row.decode("version_counter", as: Int.self)
        try await execute(
            """
            INSERT INTO model_version (model_id, number, source, commit, run_id, run_link, metrics, description,
                created_at, created_by, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9)
            """,
            [
                id, number, draft.source ?? "", draft.commit, draft.runID, draft.runLink,
                try StoredJSON.text(draft.metrics ?? [:]), draft.description ?? "", now.postgres, actor,
            ])
        for (key, value) in draft.tags ?? [:] { try await setVersionTag(id, number, key: key, value: value) }
        for (name, digest) in draft.artifacts ?? [:] {
            try await execute(
                "INSERT INTO version_artifact (model_id, number, name, digest) VALUES ($1, $2, $3, $4)",
                [id, number, name.rawValue, digest.rawValue])
        }
        return VersionReference(model: model, version: number)
    }

    package func updateVersion(
        _ modelID: Int64, _ number: Int, description: String, at now: Timestamp
    ) async throws {
        try await execute(
            "UPDATE model_version SET description = $3, updated_at = $4 WHERE model_id = $1 AND number = $2",
            [modelID, number, description, now.postgres])
    }

    package func setVersionTag(_ modelID: Int64, _ number: Int, key: String, value: String) async throws {
        try await execute(
            """
            INSERT INTO model_version_tag (model_id, number, key, value) VALUES ($1, $2, $3, $4)
            ON CONFLICT (model_id, number, key) DO UPDATE SET value = excluded.value
            """, [modelID, number, key, value])
    }

    /// - Returns: whether there was such a tag.
    package func deleteVersionTag(_ modelID: Int64, _ number: Int, key: String) async throws -> Bool {
        try await execute(
            "DELETE FROM model_version_tag WHERE model_id = $1 AND number = $2 AND key = $3", [modelID, number, key])
            > 0
    }

    /// Puts a tombstone on a version. Its aliases must be gone before.
    package func deleteVersion(_ modelID: Int64, _ number: Int, at now: Timestamp, by actor: String) async throws {
        try await execute(
            "UPDATE model_version SET deleted_at = $3, deleted_by = $4 WHERE model_id = $1 AND number = $2",
            [modelID, number, now.postgres, actor])
        try await execute("UPDATE model SET updated_at = $2 WHERE id = $1", [modelID, now.postgres])
    }
}

private let versionColumns = """
    SELECT m.name AS model, v.number, v.source, v.commit, v.run_id, v.run_link, v.metrics, v.description,
        v.created_at, v.created_by, v.updated_at,
        coalesce((SELECT jsonb_object_agg(t.key, t.value) FROM model_version_tag t
            WHERE t.model_id = v.model_id AND t.number = v.number), '{}') AS tags,
        ARRAY(SELECT a.alias FROM model_alias a
            WHERE a.model_id = v.model_id AND a.number = v.number ORDER BY a.alias) AS aliases,
        coalesce((SELECT jsonb_agg(jsonb_build_object('name', va.name, 'digest', va.digest, 'size', ar.size)
                ORDER BY va.name)
            FROM version_artifact va JOIN artifact ar ON ar.digest = va.digest
            WHERE va.model_id = v.model_id AND va.number = v.number), '[]') AS artifacts
    FROM model_version v JOIN model m ON m.id = v.model_id
    """

extension ModelVersion {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            model: try row.name("model"), version: try row.decode("number"), source: try row.decode("source"),
            commit: try row.decodeIfPresent("commit"), runID: try row.decodeIfPresent("run_id"),
            runLink: try row.decodeIfPresent("run_link"), metrics: try row.json("metrics"),
            description: try row.decode("description"), tags: try row.json("tags"),
            aliases: try row.decode("aliases", as: [String].self).map(AliasName.init(unchecked:)),
            artifacts: try row.json("artifacts"), createdAt: try row.timestamp("created_at"),
            createdBy: try row.decode("created_by"), updatedAt: try row.timestamp("updated_at"))
    }
}
