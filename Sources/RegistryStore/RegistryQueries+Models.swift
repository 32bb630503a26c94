internal import Postgres
package import Resources

extension RegistryQueries {
    /// - Returns: `nil` when there is no such model, or it was deleted.
    package func model(_ name: ModelName) async throws -> Model? {
        try await query("\(modelColumns) WHERE m.name = $1 AND m.deleted_at IS NULL", [name.rawValue])
            .first.map(Model.init(row:))
    }

    /// Models in the order of their names.
    package func models(after name: String?, limit: Int) async throws -> [Model] {
        try await query(
            "\(modelColumns) WHERE m.name > $1 AND m.deleted_at IS NULL ORDER BY m.name LIMIT $2",
            [name ?? "", limit]
        ).map(Model.init(row:))
    }
}

extension RegistryTransaction {
    /// Creates a model, or brings a deleted one back without its tags; its version numbers go on where they were.
    /// - Returns: whether it did; otherwise there is such a model already.
    package func insertModel(_ draft: ModelDraft, at now: Timestamp, by actor: String) async throws -> Bool {
        let rows = try await query(
            """
            INSERT INTO model (name, description, created_at, created_by, updated_at) VALUES ($1, $2, $3, $4, $3)
            ON CONFLICT (name) DO UPDATE
            SET description = excluded.description, created_at = excluded.created_at, created_by = excluded.created_by,
                updated_at = excluded.updated_at, deleted_at = NULL
            WHERE model.deleted_at IS NOT NULL
            RETURNING id
            """,
            [draft.name.rawValue, draft.description ?? "", now.postgres, actor])
        guard let row = rows.first else { return false }
        let id = try row.decode("id", as: Int64.self)
        try await execute("DELETE FROM model_tag WHERE model_id = $1", [id])
        for (key, value) in draft.tags ?? [:] { try await setModelTag(id, key: key, value: value) }
        return true
    }

    /// - Returns: `nil` when there is no such model, or it was deleted.
    package func modelID(_ name: ModelName) async throws -> Int64? {
        try await query("SELECT id FROM model WHERE name = $1 AND deleted_at IS NULL", [name.rawValue])
            .first?.decode("id")
    }

    package func updateModel(_ id: Int64, description: String, at now: Timestamp) async throws {
        try await execute(
            "UPDATE model SET description = $2, updated_at = $3 WHERE id = $1", [id, description, now.postgres])
    }

    package func setModelTag(_ id: Int64, key: String, value: String) async throws {
        try await execute(
            """
            INSERT INTO model_tag (model_id, key, value) VALUES ($1, $2, $3)
            ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value
            """, [id, key, value])
    }

    /// - Returns: whether there was such a tag.
    package func deleteModelTag(_ id: Int64, key: String) async throws -> Bool {
        try await execute("DELETE FROM model_tag WHERE model_id = $1 AND key = $2", [id, key]) > 0
    }

    /// Marks a model as deleted, and all its versions with it. Aliases must be gone before.
    package func deleteModel(_ id: Int64, at now: Timestamp, by actor: String) async throws {
        try await execute(
            "UPDATE model_version SET deleted_at = $2, deleted_by = $3 WHERE model_id = $1 AND deleted_at IS NULL",
            [id, now.postgres, actor])
        try await execute("UPDATE model SET deleted_at = $2, updated_at = $2 WHERE id = $1", [id, now.postgres])
    }
}

private let modelColumns = """
    SELECT m.name, m.description, m.created_at, m.created_by, m.updated_at,
        coalesce((SELECT jsonb_object_agg(t.key, t.value) FROM model_tag t WHERE t.model_id = m.id), '{}') AS tags,
        coalesce((SELECT jsonb_object_agg(a.alias, a.number) FROM model_alias a WHERE a.model_id = m.id), '{}')
            AS aliases,
        (SELECT v.number FROM model_version v WHERE v.model_id = m.id AND v.deleted_at IS NULL
            ORDER BY v.number DESC LIMIT 1) AS latest_version
    FROM model m
    """

extension Model {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            name: try row.name("name"), description: try row.decode("description"), tags: try row.json("tags"),
            latestVersion: try row.decodeIfPresent("latest_version"), aliases: try row.json("aliases"),
            createdAt: try row.timestamp("created_at"), createdBy: try row.decode("created_by"),
            updatedAt: try row.timestamp("updated_at"))
    }
}
