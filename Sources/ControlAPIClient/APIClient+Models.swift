package import ControlAPITypes
package import Resources

extension APIClient {
    package func models(_ page: PageRequest) async throws -> Page<Model> {
        try await get(APIPath("models").page(page))
    }

    package func createModel(
        _ draft: ModelDraft, key: IdempotencyKey? = nil, reason: String? = nil
    ) async throws -> Model {
        try await post(APIPath("models").query("reason", reason), draft, idempotencyKey: key)
    }

    package func model(_ name: ModelName) async throws -> Model {
        try await get(APIPath("models", name.rawValue))
    }

    package func annotateModel(
        _ name: ModelName, _ annotations: Annotations, reason: String? = nil
    ) async throws -> Model {
        try await patch(APIPath("models", name.rawValue).query("reason", reason), annotations)
    }

    package func deleteModel(_ name: ModelName, reason: String? = nil) async throws -> Deletion {
        try await delete(APIPath("models", name.rawValue).query("reason", reason))
    }
}
