internal import Postgres
package import Resources

/// What a version's name or alias means now.
package enum VersionResolution: Sendable, Hashable {
    case version(VersionReference)
    case unknownModel
    /// The registry has versions up to this one.
    case unknownVersion(latest: Int)
    case unknownAlias
    case deleted(VersionReference)
}

extension RegistryQueries {
    /// What these selectors mean now; one statement, however many.
    package func resolve(_ selectors: Set<VersionSelector>) async throws -> [VersionSelector: VersionResolution] {
        let selectors = Array(selectors)
        var numbers: [Int] = []
        var aliases: [String] = []
        for selector in selectors {
            switch selector {
            case .version(let reference):
                numbers.append(reference.version)
                aliases.append("")
            case .alias(_, let alias):
                numbers.append(0)
                aliases.append(alias.rawValue)
            }
        }
        let rows = try await query(
            """
            SELECT w.ordinal, m.version_counter, m.deleted_at IS NOT NULL AS model_deleted,
                v.number, v.deleted_at IS NOT NULL AS deleted
            FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS w (model, number, alias, ordinal)
            JOIN model m ON m.name = w.model
            LEFT JOIN model_alias a ON a.model_id = m.id AND a.alias = w.alias AND w.alias <> ''
            LEFT JOIN model_version v ON v.model_id = m.id
                AND v.number = CASE WHEN w.alias = '' THEN w.number ELSE a.number END
            """,
            [selectors.map(\.model.rawValue), numbers, aliases])
        var resolutions = Dictionary(
            selectors.map { ($0, VersionResolution.unknownModel) }, uniquingKeysWith: { first, _ in first })
        for row in rows {
            let selector = selectors[try row.decode("ordinal", as: Int.self) - 1]
            resolutions[selector] = try Self.resolution(row, selector)
        }
        return resolutions
    }

    private static func resolution(
        _ row: PostgresRow, _ selector: VersionSelector
    ) throws -> VersionResolution {
        if try row.decode("model_deleted", as: Bool.self) { return .unknownModel }
        if let number = try row.decodeIfPresent("number", as: Int.self) {
            let reference = VersionReference(model: selector.model, version: number)
            return try row.decode("deleted", as: Bool.self) ? .deleted(reference) : .version(reference)
        }
        switch selector {
        case .version: return .unknownVersion(latest: try row.decode("version_counter"))
        case .alias: return .unknownAlias
        }
    }

    /// For suggestions: the names of models that exist, at most 10,000.
    package func modelNames() async throws -> [String] {
        try await query("SELECT name FROM model WHERE deleted_at IS NULL ORDER BY name LIMIT 10000")
            .map { try $0.decode("name") }
    }

    /// For suggestions: the aliases of a model.
    package func aliasNames(of model: ModelName) async throws -> [String] {
        try await query(
            """
            SELECT a.alias FROM model_alias a JOIN model m ON m.id = a.model_id
            WHERE m.name = $1 ORDER BY a.alias LIMIT 1000
            """,
            [model.rawValue]
        ).map { try $0.decode("alias") }
    }
}
