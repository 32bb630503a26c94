import ControlAPITypes
package import Resources

extension APIClient {
    /// What applying would change.
    package func plan(_ request: ApplyRequest) async throws -> Plan { try await post(APIPath("plans"), request) }

    package func apply(_ request: ApplyRequest, key: IdempotencyKey? = nil) async throws -> ChangeOutcome {
        try await post(APIPath("releases"), request, idempotencyKey: key)
    }

    /// The newest first.
    package func releases(_ page: PageRequest) async throws -> Page<Release> {
        try await get(APIPath("releases").page(page))
    }

    /// What lies between two releases.
    package func diff(fromRelease from: Int, toRelease to: Int) async throws -> ReleaseDifference {
        try await get(APIPath("releases", "diff").query("from", String(from)).query("to", String(to)))
    }

    package func rollback(
        _ request: ReleaseRollbackRequest, key: IdempotencyKey? = nil
    ) async throws -> ChangeOutcome {
        try await post(APIPath("releases", "rollback"), request, idempotencyKey: key)
    }

    /// How far the proxies have got with a release.
    package func convergence(release: Int) async throws -> Convergence {
        try await get(APIPath("releases", String(release), "convergence"))
    }

    package func proxies(_ page: PageRequest) async throws -> Page<ProxyRecord> {
        try await get(APIPath("proxies").page(page))
    }
}
