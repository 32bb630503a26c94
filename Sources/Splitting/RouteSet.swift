package import Resources

/// The routes of a routing table that changes step by step, in their binary form. Changing, checking and digesting it
/// costs as much as what changes, not as much as what stays.
package struct RouteSet: Sendable {
    private var blocks: [EndpointName: RouteBlock] = [:]
    private var hosts: [String: EndpointName] = [:]
    private var sum: UInt64 = 0

    package init() {}

    /// - Throws: `TurnoutError` with code `invalid` as `FlatTable.init(_:)`.
    package init(_ routes: [RoutingTable.Route]) throws(TurnoutError) {
        blocks.reserveCapacity(routes.count)
        try change(routes, removing: [])
        guard blocks.count == routes.count else {
            throw TurnoutError(.invalid, "An endpoint stands in the routing table twice.")
        }
    }

    package var count: Int { blocks.count }
    package var endpoints: some Collection<EndpointName> { blocks.keys }
    /// In no order.
    package var compiled: some Collection<(key: EndpointName, value: RouteBlock)> { blocks }
    package subscript(endpoint: EndpointName) -> RouteBlock? { blocks[endpoint] }

    /// The whole table, numbered; read from its binary form at each call.
    package func table(generation: UInt64) -> RoutingTable {
        RoutingTable(generation: generation, routes: blocks.values.map(\.route))
    }

    /// Says that two tables route alike: XXH64 over the generation, the number of routes, and the sum of their digests,
    /// so that it follows a change without looking at the rest.
    package func digest(generation: UInt64) -> UInt64 {
        XXH64.hash([generation, UInt64(blocks.count), sum].flatMap(Self.littleEndian))
    }

    /// Whether the endpoint is routed in just this way already.
    package func holds(_ route: RoutingTable.Route) throws(TurnoutError) -> Bool {
        guard let block = blocks[route.endpoint] else { return false }
        return block.digest == (try RouteBlock(route)).digest
    }

    /// Replaces or adds routes, and takes some away.
    ///
    /// - Throws: `TurnoutError` with code `invalid` when a route can't be served, or claims a host that another has;
    ///   nothing is changed then.
    package mutating func change(
        _ changed: [RoutingTable.Route], removing removed: [EndpointName]
    ) throws(TurnoutError) {
        var compiled: [RouteBlock] = []
        for route in changed { compiled.append(try RouteBlock(route)) }
        try checkHosts(changed, removed)
        for endpoint in removed { remove(endpoint) }
        for route in changed { remove(route.endpoint) }
        for (route, block) in zip(changed, compiled) {
            blocks[route.endpoint] = block
            sum &+= block.digest
            for host in route.hosts { hosts[host] = route.endpoint }
        }
    }

    private mutating func remove(_ endpoint: EndpointName) {
        guard let block = blocks.removeValue(forKey: endpoint) else { return }
        sum &-= block.digest
        for host in block.route.hosts { hosts[host] = nil }
    }

    private func checkHosts(_ changed: [RoutingTable.Route], _ removed: [EndpointName]) throws(TurnoutError) {
        let leaving = Set(changed.map(\.endpoint)).union(removed)
        var claimed: [String: EndpointName] = [:]
        for route in changed {
            for host in route.hosts {
                let before = hosts[host].flatMap { leaving.contains($0) ? nil : $0 }
                guard let owner = claimed.updateValue(route.endpoint, forKey: host) ?? before else { continue }
                throw TurnoutError(
                    .invalid,
                    "The endpoint '\(route.endpoint)' can't be routed: it claims the host '\(host)', which belongs to"
                        + " '\(owner)'.")
            }
        }
    }

    private static func littleEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
