internal import Postgres
package import Resources

extension RegistryQueries {
    package func alias(_ model: ModelName, _ alias: AliasName) async throws -> ModelAlias? {
        try await query(
            "\(aliasColumns) WHERE m.name = $1 AND m.deleted_at IS NULL AND a.alias = $2",
            [model.rawValue, alias.rawValue]
        ).first.map(ModelAlias.init(row:))
    }

    /// A model's aliases in the order of their names.
    package func aliases(of model: ModelName, after alias: String?, limit: Int) async throws -> [ModelAlias] {
        try await query(
            """
            \(aliasColumns) WHERE m.name = $1 AND m.deleted_at IS NULL AND a.alias > $2
            ORDER BY a.alias LIMIT $3
            """, [model.rawValue, alias ?? "", limit]
        ).map(ModelAlias.init(row:))
    }

    /// An alias's moves, the latest first.
    package func aliasChanges(
        _ model: ModelName, _ alias: AliasName, before sequence: Int64?, limit: Int
    ) async throws -> [AliasChange] {
        try await query(
            """
            SELECT h.id, m.name AS model, h.alias, h.number, h.previous_number, h.changed_at, h.changed_by, h.reason
            FROM model_alias_history h JOIN model m ON m.id = h.model_id
            WHERE m.name = $1 AND h.alias = $2 AND h.id < $3 ORDER BY h.id DESC LIMIT $4
            """, [model.rawValue, alias.rawValue, sequence ?? Int64.max, limit]
        ).map(AliasChange.init(row:))
    }
}

extension RegistryTransaction {
    /// Moves an alias to a version, and keeps the move.
    package func setAlias(
        _ modelID: Int64, _ alias: AliasName, to number: Int, at now: Timestamp, by actor: String, reason: String?
    ) async throws {
        try await execute(
            """
            INSERT INTO model_alias_history (model_id, alias, number, previous_number, changed_at, changed_by, reason)
            VALUES ($1, $2, $3, (SELECT number FROM model_alias WHERE model_id = $1 AND alias = $2), $4, $5, $6)
            """, [modelID, alias.rawValue, number, now.postgres, actor, reason])
        try await execute(
            """
            INSERT INTO model_alias (model_id, alias, number, updated_at, updated_by) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (model_id, alias) DO UPDATE
            SET number = excluded.number, updated_at = excluded.updated_at, updated_by = excluded.updated_by
            """, [modelID, alias.rawValue, number, now.postgres, actor])
    }

    /// Takes aliases away, and keeps that they went.
    /// - Parameters:
    ///   - alias: this one alone; `nil` for all.
    ///   - number: only if it points to this version; `nil` for any.
    /// - Returns: the aliases that went.
    @discardableResult
    package func deleteAliases(
        of modelID: Int64, alias: AliasName?, version number: Int?, at now: Timestamp, by actor: String, reason: String?
    ) async throws -> [AliasName] {
        try await query(
            """
            WITH gone AS (
                DELETE FROM model_alias
                WHERE model_id = $1 AND ($2::text IS NULL OR alias = $2) AND ($3::bigint IS NULL OR number = $3)
                RETURNING alias, number)
            INSERT INTO model_alias_history (model_id, alias, previous_number, changed_at, changed_by, reason)
            SELECT $1, alias, number, $4, $5, $6 FROM gone ORDER BY alias RETURNING alias
            """, [modelID, alias?.rawValue, number, now.postgres, actor, reason]
        ).map { try $0.name("alias") }
    }
}

private let aliasColumns = """
    SELECT m.name AS model, a.alias, a.number, a.updated_at, a.updated_by
    FROM model_alias a JOIN model m ON m.id = a.model_id
    """

extension ModelAlias {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            model: try row.name("model"), alias: try row.name("alias"), version: try row.decode("number"),
            updatedAt: try row.timestamp("updated_at"), updatedBy: try row.decode("updated_by"))
    }
}

extension AliasChange {
    fileprivate init(row: PostgresRow) throws {
        self.init(
            sequence: try row.decode("id"), model: try row.name("model"), alias: try row.name("alias"),
            version: try row.decodeIfPresent("number"), previousVersion: try row.decodeIfPresent("previous_number"),
            changedAt: try row.timestamp("changed_at"), changedBy: try row.decode("changed_by"),
            reason: try row.decodeIfPresent("reason"))
    }
}
