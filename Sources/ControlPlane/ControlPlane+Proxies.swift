internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Notes what a proxy says of itself. Called every few seconds by every proxy, through the server it is connected to.
    package func report(_ report: ProxyReport) async throws {
        guard (1...255).contains(report.id.count), report.generation >= 0 else {
            throw TurnoutError(.invalid, "The report has no valid proxy id or generation.")
        }
        try await store.report(report)
    }

    /// The newest routing table for proxies; `nil` before the first.
    package func routingTable() async throws -> PublishedTable? { try await store.routingTable() }
}
