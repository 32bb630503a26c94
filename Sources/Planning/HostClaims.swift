package import Resources

/// A host that more than one endpoint claims.
package struct HostClaims: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    /// By name, two or more.
    package let claimants: [EndpointName]

    /// - Parameter owners: who has the hosts now, endpoints that are about to be applied left out.
    /// - Returns: by host; empty when each has one claimant.
    package static func disputes(_ endpoints: [Endpoint], owners: [String: EndpointName]) -> [HostClaims] {
        var claims: [String: [EndpointName]] = [:]
        for endpoint in endpoints {
            for host in endpoint.spec.hosts { claims[host, default: []].append(endpoint.name) }
        }
        for (host, owner) in owners where claims[host] != nil { claims[host]?.append(owner) }
        return claims.sorted { $0.key < $1.key }.compactMap { host, names in
            let claimants = Set(names).sorted()
            return claimants.count > 1 ? HostClaims(host: host, claimants: claimants) : nil
        }
    }

    package var description: String {
        "The host '\(host)' is claimed by " + claimants.map { "'\($0)'" }.joined(separator: " and ")
            + ": a host belongs to one endpoint."
    }
}
