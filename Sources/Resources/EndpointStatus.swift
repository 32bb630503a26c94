/// What `turnout status` says of an endpoint.
package struct EndpointStatus: Sendable, Hashable, Codable {
    package struct VariantStatus: Sendable, Hashable, Codable {
        package var name: VariantName
        package var model: ModelName
        package var version: Int
        package var traffic: Share
        /// In bucket order; empty when the variant gets nothing.
        package var buckets: [BucketRange]
        package var backends: [Backend]
        /// Backends that most of the live proxies that judge them call healthy; `nil` while no live proxy says anything.
        package var healthyBackends: Int?

        package init(
            name: VariantName, model: ModelName, version: Int, traffic: Share, buckets: [BucketRange],
            backends: [Backend], healthyBackends: Int?
        ) {
            self.name = name
            self.model = model
            self.version = version
            self.traffic = traffic
            self.buckets = buckets
            self.backends = backends
            self.healthyBackends = healthyBackends
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(name, forKey: .name)
            try container.encode(model, forKey: .model)
            try container.encode(version, forKey: .version)
            try container.encode(traffic, forKey: .traffic)
            try container.encode(buckets, forKey: .buckets)
            try container.encode(backends, forKey: .backends)
            try container.encode(healthyBackends, forKey: .healthyBackends)
        }
    }

    package struct Proxies: Sendable, Hashable, Codable {
        /// Proxies heard of within the last 15 seconds.
        package var live: Int
        /// Live ones that serve the newest routing table, when that table holds this endpoint's live revision.
        package var inStep: Int

        package init(live: Int, inStep: Int) {
            self.live = live
            self.inStep = inStep
        }
    }

    /// What git says, while a hold keeps it from going live.
    package struct Waiting: Sendable, Hashable, Codable {
        package var revision: Int
        package var release: Int
        package var commit: String?
        package var actor: String
        package var since: Timestamp
        package var variants: [VariantSummary]

        package init(
            revision: Int, release: Int, commit: String?, actor: String, since: Timestamp, variants: [VariantSummary]
        ) {
            self.revision = revision
            self.release = release
            self.commit = commit
            self.actor = actor
            self.since = since
            self.variants = variants
        }
    }

    package var endpoint: EndpointName
    package var owner: String?
    /// The live revision, and the release that made it.
    package var revision: Int
    package var release: Int
    /// The newest routing table's; 0 before the first.
    package var generation: Int
    package var held: Hold?
    package var waiting: Waiting?
    package var variants: [VariantStatus]
    package var proxies: Proxies
    /// The repository and directory whose files declare it.
    package var source: String?
    /// Where what is live differs from what git said last; empty when it doesn't.
    package var drift: [Drift]

    package init(
        endpoint: EndpointName, owner: String?, revision: Int, release: Int, generation: Int, held: Hold?,
        waiting: Waiting?, variants: [VariantStatus], proxies: Proxies, source: String? = nil, drift: [Drift] = []
    ) {
        self.endpoint = endpoint
        self.owner = owner
        self.revision = revision
        self.release = release
        self.generation = generation
        self.held = held
        self.waiting = waiting
        self.variants = variants
        self.proxies = proxies
        self.source = source
        self.drift = drift
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(endpoint, forKey: .endpoint)
        try container.encode(owner, forKey: .owner)
        try container.encode(revision, forKey: .revision)
        try container.encode(release, forKey: .release)
        try container.encode(generation, forKey: .generation)
        try container.encode(held, forKey: .held)
        try container.encode(waiting, forKey: .waiting)
        try container.encode(variants, forKey: .variants)
        try container.encode(proxies, forKey: .proxies)
        try container.encode(source, forKey: .source)
        try container.encode(drift, forKey: .drift)
    }
}
