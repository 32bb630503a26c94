import ControlAPITypes
package import Resources

extension APIClient {
    /// Where every endpoint stands, by name.
    package func endpoints(_ page: PageRequest) async throws -> Page<EndpointStatus> {
        try await get(APIPath("endpoints").page(page))
    }

    package func status(of endpoint: EndpointName) async throws -> EndpointStatus {
        try await get(APIPath("endpoints", endpoint.rawValue))
    }

    /// The newest revision first.
    package func history(of endpoint: EndpointName, _ page: PageRequest) async throws -> Page<Revision> {
        try await get(APIPath("endpoints", endpoint.rawValue, "revisions").page(page))
    }

    /// The newest hold first.
    package func holds(of endpoint: EndpointName, _ page: PageRequest) async throws -> Page<HoldRecord> {
        try await get(APIPath("endpoints", endpoint.rawValue, "holds").page(page))
    }

    package func diff(of endpoint: EndpointName, from: Int, to: Int) async throws -> RevisionDifference {
        try await get(
            APIPath("endpoints", endpoint.rawValue, "diff").query("from", String(from)).query("to", String(to)))
    }

    /// - Parameter at: `nil` for now.
    package func explain(_ endpoint: EndpointName, key: String, at: Timestamp?) async throws -> Explanation {
        try await get(
            APIPath("endpoints", endpoint.rawValue, "explain").query("key", key).query("at", at?.description))
    }

    package func promote(
        _ endpoint: EndpointName, _ request: PromoteRequest, key: IdempotencyKey? = nil
    ) async throws -> ChangeOutcome {
        try await post(APIPath("endpoints", endpoint.rawValue, "promote"), request, idempotencyKey: key)
    }

    package func rollback(
        _ endpoint: EndpointName, _ request: RollbackRequest, key: IdempotencyKey? = nil
    ) async throws -> ChangeOutcome {
        try await post(APIPath("endpoints", endpoint.rawValue, "rollback"), request, idempotencyKey: key)
    }

    package func resume(
        _ endpoint: EndpointName, _ request: ResumeRequest, key: IdempotencyKey? = nil
    ) async throws -> ChangeOutcome {
        try await post(APIPath("endpoints", endpoint.rawValue, "resume"), request, idempotencyKey: key)
    }
}
