/// An endpoint as its document declares it: what the command line sends and the control plane resolves.
///
/// It differs from `Endpoint` in its variants, which may name a version by an alias and whose backends may hold
/// placeholders. Every default is filled in, and `rest` is a number already.
package struct DeclaredEndpoint: Sendable, Hashable, Codable {
    package var name: EndpointName
    /// Who answers for the endpoint; free text.
    package var owner: String?
    package var spec: DeclaredSpec

    package init(name: EndpointName, owner: String? = nil, spec: DeclaredSpec) {
        self.name = name
        self.owner = owner
        self.spec = spec
    }
}

/// `EndpointSpec` before its variants are resolved; the fields mean the same.
package struct DeclaredSpec: Sendable, Hashable, Codable {
    package var hosts: [String]
    package var routingKey: RoutingKey?
    package var salt: String?
    package var timeout: Interval
    package var retry: RetryPolicy
    package var limits: EndpointLimits?
    package var health: HealthCheck?
    package var overrides: [RoutingOverride]
    package var variants: [DeclaredVariant]

    package init(
        hosts: [String] = [], routingKey: RoutingKey? = nil, salt: String? = nil,
        timeout: Interval = EndpointSpec.defaultTimeout, retry: RetryPolicy = RetryPolicy(),
        limits: EndpointLimits? = nil, health: HealthCheck? = nil, overrides: [RoutingOverride] = [],
        variants: [DeclaredVariant]
    ) {
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
}

/// A named arm of an endpoint, its version perhaps an alias, its backends as written.
package struct DeclaredVariant: Sendable, Hashable, Codable {
    package var name: VariantName
    package var model: VersionSelector
    package var traffic: Share
    /// At least one; the variant's own, or else those of the spec.
    package var backends: [BackendTemplate]

    package init(name: VariantName, model: VersionSelector, traffic: Share, backends: [BackendTemplate]) {
        self.name = name
        self.model = model
        self.traffic = traffic
        self.backends = backends
    }
}
