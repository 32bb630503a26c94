internal import Resources
internal import Splitting

extension RoutingTable.Route {
    /// How a live revision is served.
    ///
    /// - Throws: `internal` when a variant's version was never resolved, which the store rules out.
    init(_ revision: Revision) throws(TurnoutError) {
        let spec = revision.content.spec
        var arms: [RoutingTable.Arm] = []
        for variant in spec.variants {
            guard case .version(let version) = variant.model else {
                throw TurnoutError(
                    .internal, "Endpoint '\(revision.endpoint)' can't be routed.",
                    context: "unresolved \(variant.model)")
            }
            arms.append(
                RoutingTable.Arm(
                    name: variant.name, version: version, ranges: revision.ranges[variant.name] ?? [],
                    backends: variant.backends))
        }
        self.init(
            endpoint: revision.endpoint, revision: revision.number, hosts: spec.hosts, routingKey: spec.routingKey,
            salt: revision.content.salt, timeout: spec.timeout, retry: spec.retry, limits: spec.limits,
            health: spec.health,
            overrides: spec.overrides, variants: arms)
    }
}
