/// What an apply would change, or what a change did: for each endpoint the revision, the split and who moves.
package struct Plan: Sendable, Hashable, Codable {
    /// The release that it was made against; an apply against a newer one is refused where it matters.
    package var baseRelease: Int
    /// Which registry made it: a plan is of no use to another one.
    package var registry: String
    /// By endpoint name; also those that don't change.
    package var changes: [EndpointChange]
    /// What the source once declared and its files no longer do; `--prune` would remove it.
    package var orphans: [EndpointName]
    /// Where what is live differs from what git said last, before anything is applied.
    package var drift: [Drift]

    package init(
        baseRelease: Int, registry: String, changes: [EndpointChange], orphans: [EndpointName] = [],
        drift: [Drift] = []
    ) {
        self.baseRelease = baseRelease
        self.registry = registry
        self.changes = changes
        self.orphans = orphans
        self.drift = drift
    }

    /// Whether applying would record anything.
    package var isPending: Bool { changes.contains { $0.action != .unchanged } }
    /// Whether something of it waits for a hold.
    package var isHeld: Bool { changes.contains(where: \.waits) }
}

/// One endpoint's part of a plan.
package struct EndpointChange: Sendable, Hashable, Codable {
    package enum Action: String, Sendable, Hashable, Codable, CaseIterable {
        case create
        case update
        case unchanged
        /// Recorded, but waits until the hold is released.
        case hold
        /// Git says what the hold says: the hold is released, nobody moves.
        case catchUp = "catch_up"
        /// The source no longer holds it: proxies forget it. History keeps it.
        case remove
        /// Only its source changes.
        case adopt
    }

    package var endpoint: EndpointName
    package var action: Action
    /// The live revision before; `nil` for a new endpoint.
    package var fromRevision: Int?
    /// The revision that the change makes; `nil` when it makes none.
    package var toRevision: Int?
    /// In the file's order.
    package var before: [VariantSummary]
    package var after: [VariantSummary]
    /// Who moves; for a change that waits, who will move once the hold is released.
    package var moves: [Move]
    /// What differs besides the split, field by field.
    package var fields: [FieldChange]
    /// The hold that stands on the endpoint.
    package var held: Hold?
    package var warnings: [String]

    package init(
        endpoint: EndpointName, action: Action, fromRevision: Int?, toRevision: Int?, before: [VariantSummary],
        after: [VariantSummary], moves: [Move], fields: [FieldChange], held: Hold?, warnings: [String]
    ) {
        self.endpoint = endpoint
        self.action = action
        self.fromRevision = fromRevision
        self.toRevision = toRevision
        self.before = before
        self.after = after
        self.moves = moves
        self.fields = fields
        self.held = held
        self.warnings = warnings
    }

    /// Whether git's word on the endpoint is not live because of a hold: newly so, or still.
    package var waits: Bool { action == .hold || (action == .unchanged && held != nil) }

    /// Whether nothing is left of the endpoint: now, or once its hold is released.
    package var removes: Bool { after.isEmpty }

    /// The share of all keys that stay with their variant.
    package var stays: Share {
        Share(buckets: max(0, BucketRange.bucketCount - moves.reduce(0) { $0 + $1.share.buckets })) ?? .zero
    }

    /// `held` is always there, `null` where there is none.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(endpoint, forKey: .endpoint)
        try container.encode(action, forKey: .action)
        try container.encode(fromRevision, forKey: .fromRevision)
        try container.encode(toRevision, forKey: .toRevision)
        try container.encode(before, forKey: .before)
        try container.encode(after, forKey: .after)
        try container.encode(moves, forKey: .moves)
        try container.encode(fields, forKey: .fields)
        try container.encode(held, forKey: .held)
        try container.encode(warnings, forKey: .warnings)
    }
}

/// A variant as plans and diffs show it.
package struct VariantSummary: Sendable, Hashable, Codable {
    package var name: VariantName
    package var model: VersionSelector
    package var traffic: Share

    package init(name: VariantName, model: VersionSelector, traffic: Share) {
        self.name = name
        self.model = model
        self.traffic = traffic
    }
}

/// A share of all routing keys that goes from one variant to another.
package struct Move: Sendable, Hashable, Codable {
    package var from: VariantName
    package var to: VariantName
    package var share: Share

    package init(from: VariantName, to: VariantName, share: Share) {
        self.from = from
        self.to = to
        self.share = share
    }
}

/// A field of an endpoint that differs: `spec.timeout`, `spec.variants[champion].backends`.
package struct FieldChange: Sendable, Hashable, Codable {
    package var path: String
    /// `nil`: was not there.
    package var before: String?
    /// `nil`: is no longer there.
    package var after: String?

    package init(path: String, before: String?, after: String?) {
        self.path = path
        self.before = before
        self.after = after
    }
}
