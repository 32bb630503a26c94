/// What an apply or a plan asks for: all of these endpoints, or none.
package struct ApplyRequest: Sendable, Hashable, Codable {
    package var endpoints: [DeclaredEndpoint]
    /// What `{env}` stands for in backends.
    package var environment: String?
    /// The release that the caller's plan was made against. Refused when an endpoint that would change has changed since.
    package var baseRelease: Int?
    package var reason: String?
    package var commit: String?
    /// The repository and directory that the files come from. `nil` claims nothing.
    package var source: String?
    /// Every endpoint that the source holds, changed or not. `nil` when the files may be only a part of it: then nothing
    /// is missed.
    package var inventory: [EndpointName]?
    /// Whether endpoints of the source that the inventory misses are removed.
    package var prune: Bool?
    /// Whether endpoints of other sources become this one's.
    package var adopt: Bool?
    /// What the caller was shown. Applied exactly, or refused with what differs.
    package var expected: PlanExpectation?

    package init(
        endpoints: [DeclaredEndpoint], environment: String? = nil, baseRelease: Int? = nil, reason: String? = nil,
        commit: String? = nil, source: String? = nil, inventory: [EndpointName]? = nil, prune: Bool? = nil,
        adopt: Bool? = nil, expected: PlanExpectation? = nil
    ) {
        self.endpoints = endpoints
        self.environment = environment
        self.baseRelease = baseRelease
        self.reason = reason
        self.commit = commit
        self.source = source
        self.inventory = inventory
        self.prune = prune
        self.adopt = adopt
        self.expected = expected
    }
}

/// A plan as far as applying it exactly takes it.
package struct PlanExpectation: Sendable, Hashable, Codable {
    /// The one that made the plan.
    package var registry: String
    /// Without those that change nothing.
    package var changes: [EndpointChange]

    package init(registry: String, changes: [EndpointChange]) {
        self.registry = registry
        self.changes = changes
    }
}

/// Gives a variant a share of the traffic at once.
package struct PromoteRequest: Sendable, Hashable, Codable {
    package var variant: VariantName
    /// `nil`: all of it.
    package var traffic: Share?
    /// How long the hold lasts; `nil`: until released.
    package var holdFor: Interval?
    package var reason: String?
    /// Whether another person's hold may be replaced.
    package var takeOver: Bool?

    package init(
        variant: VariantName, traffic: Share? = nil, holdFor: Interval? = nil, reason: String? = nil,
        takeOver: Bool? = nil
    ) {
        self.variant = variant
        self.traffic = traffic
        self.holdFor = holdFor
        self.reason = reason
        self.takeOver = takeOver
    }
}

/// Brings an endpoint back to an older revision.
package struct RollbackRequest: Sendable, Hashable, Codable {
    /// `nil`: what was live before and said something else.
    package var toRevision: Int?
    /// How long the hold lasts; `nil`: until released.
    package var holdFor: Interval?
    package var reason: String?
    package var takeOver: Bool?

    package init(
        toRevision: Int? = nil, holdFor: Interval? = nil, reason: String? = nil, takeOver: Bool? = nil
    ) {
        self.toRevision = toRevision
        self.holdFor = holdFor
        self.reason = reason
        self.takeOver = takeOver
    }
}

/// Brings every endpoint back to what it was at a release.
package struct ReleaseRollbackRequest: Sendable, Hashable, Codable {
    package var release: Int
    /// How long the holds last; `nil`: until released.
    package var holdFor: Interval?
    package var reason: String?
    package var takeOver: Bool?

    package init(release: Int, holdFor: Interval? = nil, reason: String? = nil, takeOver: Bool? = nil) {
        self.release = release
        self.holdFor = holdFor
        self.reason = reason
        self.takeOver = takeOver
    }
}

/// Releases an endpoint's hold.
package struct ResumeRequest: Sendable, Hashable, Codable {
    package var reason: String?

    package init(reason: String? = nil) { self.reason = reason }
}
