import Resources
import SoakHistory

/// What a client does next. Pure: the same seed and the same knowledge give the same operation.
struct OperationChooser: Sendable {
    static let models = (0..<4).map { ModelName(unchecked: "model-\($0)") }
    static let endpoints = (0..<6).map { EndpointName(unchecked: "endpoint-\($0)") }
    /// Endpoints of a source that is pruned: they come and go.
    static let passing = (0..<3).map { EndpointName(unchecked: "passing-\($0)") }
    static let all = endpoints + passing
    static let source = "soak//passing"
    static let aliases = ["champion", "challenger"].map(AliasName.init(unchecked:))
    static let variants = (0..<3).map { VariantName(unchecked: "variant-\($0)") }

    /// The backend of each variant.
    let backends: [VariantName: BackendTemplate]

    private enum Choice: CaseIterable {
        case apply, prune, promote, rollback, rollbackRelease, resume, register, create, setAlias, deleteAlias,
            deleteVersion
        case readModel, readAlias, readEndpoint

        /// Of 100.
        var weight: Int {
            switch self {
            case .apply: 20
            case .prune: 6
            case .promote: 13
            case .rollback: 7
            case .rollbackRelease: 3
            case .resume: 12
            case .register: 12
            case .create: 1
            case .setAlias: 8
            case .deleteAlias: 2
            case .deleteVersion: 2
            case .readModel: 4
            case .readAlias: 6
            case .readEndpoint: 4
            }
        }
    }

    /// - Parameter reason: what the operation says of itself in the audit log.
    func next(
        _ world: KnownWorld, reason: String, using generator: inout SeededGenerator
    ) -> ClientOperation {
        let model = Self.models[Int.random(in: 0..<Self.models.count, using: &generator)]
        let endpoint = Self.all[Int.random(in: 0..<Self.all.count, using: &generator)]
        let alias = Self.aliases[Int.random(in: 0..<Self.aliases.count, using: &generator)]
        let version = someVersion(of: model, world, using: &generator)
        switch choice(using: &generator) {
        case .apply: return .apply(request: apply(world, reason, using: &generator))
        case .prune: return .apply(request: prune(world, reason, using: &generator))
        case .promote: return .promote(endpoint: endpoint, request: promote(reason, using: &generator))
        case .rollback: return .rollback(endpoint: endpoint, request: rollback(endpoint, world, reason, &generator))
        case .rollbackRelease:
            let release = max(1, world.newestRelease - Int.random(in: 1...5, using: &generator))
            return .rollbackRelease(
                request: ReleaseRollbackRequest(
                    release: release, reason: reason, takeOver: generator.chance(0.5) ? true : nil))
        case .resume: return .resume(endpoint: endpoint, request: ResumeRequest(reason: reason))
        case .register: return .registerVersion(model: model)
        case .create: return .createModel(model: model)
        case .setAlias:
            let expected = generator.chance(0.2) ? someVersion(of: model, world, using: &generator) : nil
            return .setAlias(model: model, alias: alias, version: version, expected: expected)
        case .deleteAlias: return .deleteAlias(model: model, alias: alias)
        case .deleteVersion: return .deleteVersion(version: VersionReference(model: model, version: version))
        case .readModel: return .readModel(model: model)
        case .readAlias: return .readAlias(model: model, alias: alias)
        case .readEndpoint: return .readEndpoint(endpoint: endpoint)
        }
    }

    /// An endpoint of three variants with the given shares and versions.
    func endpoint(
        _ name: EndpointName, versions: [VersionSelector], shares: [Share], timeout: Interval = .seconds(5)
    ) -> DeclaredEndpoint {
        let variants = zip(Self.variants, zip(versions, shares)).map { variant, part in
            DeclaredVariant(
                name: variant, model: part.0, traffic: part.1, backends: [backends[variant]].compactMap(\.self))
        }
        return DeclaredEndpoint(
            name: name, owner: "soak",
            spec: DeclaredSpec(
                routingKey: RoutingKey(source: .header, name: "x-user-id"), timeout: timeout, variants: variants))
    }

    /// What makes these endpoints all that their source holds.
    func passing(
        _ names: [EndpointName], versions: [VersionSelector], shares: [Share], reason: String
    ) -> ApplyRequest {
        ApplyRequest(
            endpoints: names.map { endpoint($0, versions: versions, shares: shares) }, reason: reason,
            source: Self.source, inventory: names, prune: true)
    }

    private func choice(using generator: inout SeededGenerator) -> Choice {
        var left = Int.random(in: 0..<Choice.allCases.reduce(0) { $0 + $1.weight }, using: &generator)
        for choice in Choice.allCases {
            if left < choice.weight { return choice }
            left -= choice.weight
        }
        return .readModel
    }

    /// Rather a new one than an old one.
    private func someVersion(
        of model: ModelName, _ world: KnownWorld, using generator: inout SeededGenerator
    ) -> Int {
        world.versions[model]?.sorted().suffix(5).randomElement(using: &generator) ?? 1
    }

    private func apply(
        _ world: KnownWorld, _ reason: String, using generator: inout SeededGenerator
    ) -> ApplyRequest {
        let names = Self.endpoints.shuffled(using: &generator).prefix(Int.random(in: 1...3, using: &generator))
        let endpoints = names.sorted().map { name in
            endpoint(
                name, versions: selectors(world, using: &generator), shares: shares(using: &generator),
                timeout: .seconds(Int.random(in: 5...9, using: &generator)))
        }
        let base = generator.chance(0.3) ? world.newestRelease : nil
        return ApplyRequest(endpoints: endpoints, baseRelease: base, reason: reason, source: nil)
    }

    private func prune(
        _ world: KnownWorld, _ reason: String, using generator: inout SeededGenerator
    ) -> ApplyRequest {
        let names = Self.passing.filter { _ in generator.chance(0.6) }
        return passing(
            names, versions: selectors(world, using: &generator), shares: shares(using: &generator), reason: reason)
    }

    /// One for each variant.
    private func selectors(_ world: KnownWorld, using generator: inout SeededGenerator) -> [VersionSelector] {
        var selectors: [VersionSelector] = []
        for _ in Self.variants {
            let model = Self.models[Int.random(in: 0..<Self.models.count, using: &generator)]
            if generator.chance(0.2) {
                selectors.append(.alias(model, Self.aliases[0]))
            } else {
                let version = someVersion(of: model, world, using: &generator)
                selectors.append(.version(VersionReference(model: model, version: version)))
            }
        }
        return selectors
    }

    /// One for each variant; together all of the traffic.
    private func shares(using generator: inout SeededGenerator) -> [Share] {
        let first = Int.random(in: 0...BucketRange.bucketCount, using: &generator)
        let second = Int.random(in: 0...(BucketRange.bucketCount - first), using: &generator)
        return [first, second, BucketRange.bucketCount - first - second].compactMap(Share.init(buckets:))
    }

    private func promote(_ reason: String, using generator: inout SeededGenerator) -> PromoteRequest {
        PromoteRequest(
            variant: Self.variants[Int.random(in: 0..<Self.variants.count, using: &generator)],
            traffic: generator.chance(0.5) ? Share(buckets: Int.random(in: 1...9999, using: &generator)) : nil,
            holdFor: generator.chance(0.4) ? .seconds(Int.random(in: 1...4, using: &generator)) : nil,
            reason: reason, takeOver: generator.chance(0.3) ? true : nil)
    }

    private func rollback(
        _ endpoint: EndpointName, _ world: KnownWorld, _ reason: String, _ generator: inout SeededGenerator
    ) -> RollbackRequest {
        let latest = world.revisions[endpoint] ?? 1
        return RollbackRequest(
            toRevision: generator.chance(0.5)
                ? Int.random(in: max(1, latest - 5)...max(1, latest), using: &generator) : nil,
            reason: reason, takeOver: generator.chance(0.3) ? true : nil)
    }
}
