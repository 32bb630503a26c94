package import Resources

/// What proxies need to route everything, as values: compiled from the registry, numbered, and turned into its
/// binary form by `FlatTable`.
///
/// The same endpoints give equal tables whatever order they come in: `init` sorts them by name.
package struct RoutingTable: Sendable, Hashable {
    /// Rises with every published table; a proxy refuses a lower one.
    package let generation: UInt64
    package let routes: [Route]

    package init(generation: UInt64, routes: [Route]) {
        self.generation = generation
        self.routes = routes.sorted { $0.endpoint < $1.endpoint }
    }

    /// The distinct backends as they are judged, in the order that a `FlatTable` numbers them.
    package var backends: [CheckedBackend] {
        var seen: Set<CheckedBackend> = []
        return routes.lazy.flatMap(\.backends).filter { seen.insert($0).inserted }
    }

    /// How one endpoint's requests are routed.
    package struct Route: Sendable, Hashable {
        package var endpoint: EndpointName
        package var revision: Int
        package var hosts: [String]
        package var routingKey: RoutingKey?
        package var salt: String
        package var timeout: Interval
        package var retry: RetryPolicy
        package var limits: EndpointLimits?
        package var health: HealthCheck?
        package var overrides: [RoutingOverride]
        package var variants: [Arm]

        package init(
            endpoint: EndpointName, revision: Int, hosts: [String], routingKey: RoutingKey?, salt: String,
            timeout: Interval, retry: RetryPolicy, limits: EndpointLimits? = nil, health: HealthCheck?,
            overrides: [RoutingOverride], variants: [Arm]
        ) {
            self.endpoint = endpoint
            self.revision = revision
            self.hosts = hosts
            self.routingKey = routingKey
            self.salt = salt
            self.timeout = timeout
            self.retry = retry
            self.limits = limits
            self.health = health
            self.overrides = overrides
            self.variants = variants
        }

        /// The distinct backends as they are judged, in the order that its binary form numbers them.
        package var backends: [CheckedBackend] {
            var seen: Set<CheckedBackend> = []
            return variants.lazy.flatMap(\.backends).map { CheckedBackend($0, check: health) }
                .filter { seen.insert($0).inserted }
        }
    }

    /// A variant with the buckets that it owns. The arms of a route partition all 10,000.
    package struct Arm: Sendable, Hashable {
        package var name: VariantName
        package var version: VersionReference
        package var ranges: [BucketRange]
        package var backends: [Backend]

        package init(name: VariantName, version: VersionReference, ranges: [BucketRange], backends: [Backend]) {
            self.name = name
            self.version = version
            self.ranges = ranges
            self.backends = backends
        }
    }
}
