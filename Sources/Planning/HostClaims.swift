package import Resources

/// Finds hosts that two endpoints claim.
package enum HostClaims {
    /// - Parameter owners: who has the hosts now, endpoints that are about to be applied left out.
    /// - Returns: a message for each fault, by host; empty when there is none.
    package static func faults(_ endpoints: [Endpoint], owners: [String: EndpointName]) -> [String] {
        var claims: [String: [EndpointName]] = [:]
        for endpoint in endpoints {
            for host in endpoint.spec.hosts { claims[host, default: []].append(endpoint.name) }
        }
        for (host, owner) in owners where claims[host] != nil { claims[host]?.append(owner) }
        return claims.sorted { $0.key < $1.key }.compactMap { host, names in
            let claimants = Set(names).sorted()
            guard claimants.count > 1 else { return nil }
            return "The host '\(host)' is claimed by " + claimants.map { "'\($0)'" }.joined(separator: " and ")
                + ": a host belongs to one endpoint."
        }
    }
}
