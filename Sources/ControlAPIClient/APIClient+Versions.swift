package import ControlAPITypes
package import Resources

extension APIClient {
    package func versions(of model: ModelName, _ page: PageRequest) async throws -> Page<ModelVersion> {
        try await get(APIPath("models", model.rawValue, "versions").page(page))
    }

    /// - Parameter key: sending the same again with the same key registers nothing twice.
    package func registerVersion(
        of model: ModelName, _ draft: VersionDraft, key: IdempotencyKey? = nil, reason: String? = nil
    ) async throws -> ModelVersion {
        try await post(
            APIPath("models", model.rawValue, "versions").query("reason", reason), draft, idempotencyKey: key)
    }

    package func version(_ reference: VersionReference) async throws -> ModelVersion {
        try await get(path(reference))
    }

    package func annotateVersion(
        _ reference: VersionReference, _ annotations: Annotations, reason: String? = nil
    ) async throws -> ModelVersion {
        try await patch(path(reference).query("reason", reason), annotations)
    }

    package func deleteVersion(
        _ reference: VersionReference, key: IdempotencyKey? = nil, reason: String? = nil
    ) async throws -> Deletion {
        try await delete(path(reference).query("reason", reason), idempotencyKey: key)
    }

    private func path(_ reference: VersionReference) -> APIPath {
        APIPath("models", reference.model.rawValue, "versions", String(reference.version))
    }
}
