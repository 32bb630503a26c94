package import ControlAPITypes
package import Resources

extension APIClient {
    package func tokens(_ page: PageRequest) async throws -> Page<ApiToken> {
        try await get(APIPath("tokens").page(page))
    }

    package func createToken(_ draft: TokenDraft, reason: String? = nil) async throws -> CreatedToken {
        try await post(APIPath("tokens").query("reason", reason), draft)
    }

    package func revokeToken(_ id: String, reason: String? = nil) async throws -> ApiToken {
        try await delete(APIPath("tokens", id).query("reason", reason))
    }
}
