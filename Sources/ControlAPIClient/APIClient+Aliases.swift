package import ControlAPITypes
package import Resources

extension APIClient {
    package func aliases(of model: ModelName, _ page: PageRequest) async throws -> Page<ModelAlias> {
        try await get(APIPath("models", model.rawValue, "aliases").page(page))
    }

    /// Where an alias points now.
    package func alias(_ model: ModelName, _ alias: AliasName) async throws -> ModelAlias {
        try await get(path(model, alias))
    }

    package func setAlias(
        _ model: ModelName, _ alias: AliasName, _ assignment: AliasAssignment, key: IdempotencyKey? = nil,
        reason: String? = nil
    ) async throws -> ModelAlias {
        try await put(path(model, alias).query("reason", reason), assignment, idempotencyKey: key)
    }

    /// - Parameter expected: the version that it must point to; `nil` for any.
    package func deleteAlias(
        _ model: ModelName, _ alias: AliasName, expected: Int? = nil, key: IdempotencyKey? = nil,
        reason: String? = nil
    ) async throws -> Deletion {
        try await delete(
            path(model, alias).query("expected", expected.map { String($0) }).query("reason", reason),
            idempotencyKey: key)
    }

    /// An alias's moves, the latest first.
    package func aliasChanges(
        _ model: ModelName, _ alias: AliasName, _ page: PageRequest
    ) async throws -> Page<AliasChange> {
        try await get(APIPath("models", model.rawValue, "aliases", alias.rawValue, "history").page(page))
    }

    private func path(_ model: ModelName, _ alias: AliasName) -> APIPath {
        APIPath("models", model.rawValue, "aliases", alias.rawValue)
    }
}
