internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Notes what proxies say of themselves. Called by a server for all proxies that are connected to it.
    package func report(_ reports: [ProxyReport]) async throws {
        guard reports.allSatisfy({ (1...255).contains($0.id.unicodeScalars.count) && $0.generation >= 0 }) else {
            throw TurnoutError(.invalid, "A report has no valid proxy id or generation.")
        }
        try await store.report(reports)
    }

    /// How far the live proxies have got with a release; `apply --wait` asks until it is complete.
    package func convergence(release: Int, by caller: Caller) async throws -> Convergence {
        try caller.authorize(.viewer)
        let newest = try await store.releaseMoment().release
        guard release >= 0, release <= newest else {
            throw TurnoutError(.notFound, "There is no release \(release); the newest is \(newest).")
        }
        return try await store.convergence(release)
    }

    /// Every proxy that was heard of within a day, by id.
    package func proxies(_ page: PageRequest, by caller: Caller) async throws -> Page<ProxyRecord> {
        try caller.authorize(.viewer)
        return Page(
            try await store.proxies(after: page.cursor, limit: page.limit + 1), of: page, position: \.report.id)
    }
}
