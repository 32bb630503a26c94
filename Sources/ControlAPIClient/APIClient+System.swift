package import ControlAPITypes

extension APIClient {
    /// `GET /api/v1/version`
    package func serverVersion() async throws -> ServerVersion { try await get(APIPath("version")) }

    /// `GET /api/v1/readyz`
    ///
    /// - Throws: `ClientError` while the server can't do its work, saying why.
    package func checkReadiness() async throws {
        let _: ServerHealth = try await get(APIPath("readyz"))
    }
}
