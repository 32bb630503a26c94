internal import Resources
internal import Splitting

/// What differs between two states of an endpoint: the fields, and who moves.
enum EndpointDifference {
    /// Everything but the variants' versions and shares, which a plan shows as the split. By path.
    static func fields(from before: Endpoint?, to after: Endpoint) -> [FieldChange] {
        guard let before else { return [] }
        let old = flattened(before)
        let new = flattened(after)
        return Set(old.keys).union(new.keys).sorted().compactMap { path in
            guard old[path] != new[path] else { return nil }
            return FieldChange(path: path, before: old[path], after: new[path])
        }
    }

    /// Who moves between two maps of the same keys, or, when the keys are dealt anew, who is to be expected to.
    static func moves(
        from before: Endpoint, _ old: [VariantName: [BucketRange]], to after: Endpoint,
        _ new: [VariantName: [BucketRange]]
    ) -> [Move] {
        guard redeals(from: before, to: after) else {
            return BucketMap.moves(from: old, to: new).compactMap { move in
                Share(buckets: move.buckets).map { Move(from: move.from, to: move.to, share: $0) }
            }
        }
        // Old and new bucket of a key are independent, so the shares multiply.
        return before.spec.variants.sorted { $0.name < $1.name }.flatMap { from in
            after.spec.variants.sorted { $0.name < $1.name }.compactMap { to in
                let buckets = (from.traffic.buckets * to.traffic.buckets + 5_000) / BucketRange.bucketCount
                guard from.name != to.name, buckets > 0, let share = Share(buckets: buckets) else { return nil }
                return Move(from: from.name, to: to.name, share: share)
            }
        }
    }

    /// Whether a routing key falls into another bucket than before.
    static func redeals(from before: Endpoint, to after: Endpoint) -> Bool {
        before.salt != after.salt || before.spec.routingKey?.source != after.spec.routingKey?.source
            || before.spec.routingKey?.name != after.spec.routingKey?.name
    }

    static func warnings(from before: Endpoint?, to after: Endpoint) -> [String] {
        guard let before, redeals(from: before, to: after) else { return [] }
        let what = before.salt != after.salt ? "The salt" : "The routing key"
        return ["\(what) changes: every key is dealt a new bucket, so users move between variants at random."]
    }

    private static func flattened(_ endpoint: Endpoint) -> [String: String] {
        let spec = endpoint.spec
        var fields: [String: String] = [
            "spec.retry.attempts": "\(spec.retry.attempts)",
            "spec.retry.budget": "\(spec.retry.budget)%",
            "spec.retry.on": list(spec.retry.on.map(\.rawValue)),
            "spec.timeout": "\(spec.timeout)",
        ]
        fields["spec.retry.perTryTimeout"] = spec.retry.perTryTimeout?.description
        fields["spec.retry.hedgeAfter"] = spec.retry.hedgeAfter?.description
        fields["spec.limits.maxConcurrency"] = spec.limits?.maxConcurrency.map(String.init)
        fields["spec.limits.maxConnectionsPerBackend"] = spec.limits?.maxConnectionsPerBackend.map(String.init)
        fields["metadata.owner"] = endpoint.owner
        fields["spec.salt"] = spec.salt
        if !spec.hosts.isEmpty { fields["spec.hosts"] = list(spec.hosts.sorted()) }
        if let key = spec.routingKey {
            fields["spec.routingKey"] = "\(key.source.rawValue) \(key.name)"
            fields["spec.routingKey.onMissing"] = words(key.onMissing)
        }
        if let health = spec.health {
            fields["spec.health.path"] = health.path
            fields["spec.health.every"] = "\(health.every)"
            fields["spec.health.timeout"] = "\(health.timeout)"
            fields["spec.health.unhealthyAfter"] = "\(health.unhealthyAfter)"
        }
        for (index, override) in spec.overrides.enumerated() {
            fields["spec.overrides[\(index)]"] = "\(override.header): \(override.value) → \(override.variant)"
        }
        for variant in spec.variants {
            fields["spec.variants[\(variant.name)].backends"] = list(variant.backends.map(\.description))
        }
        return fields
    }

    private static func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }

    private static func words(_ onMissing: RoutingKey.OnMissing) -> String {
        switch onMissing {
        case .random: "random"
        case .reject: "reject"
        case .variant(let name): name.rawValue
        }
    }
}
