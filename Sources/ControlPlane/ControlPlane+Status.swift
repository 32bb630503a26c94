internal import Planning
internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Where an endpoint stands: split, hold, what waits, and how far the proxies are.
    package func status(of endpoint: EndpointName, by caller: Caller) async throws -> EndpointStatus {
        try caller.authorize(.viewer)
        return try await store.snapshot { snapshot in
            let head = try await snapshot.presentEndpointHead(endpoint)
            return try await statuses([head], snapshot)[0]
        }
    }

    /// Where every endpoint stands, by name.
    package func statuses(_ page: PageRequest, by caller: Caller) async throws -> Page<EndpointStatus> {
        try caller.authorize(.viewer)
        return try await store.snapshot { snapshot in
            let names = Page(
                try await snapshot.endpointNames(after: page.cursor, limit: page.limit + 1), of: page,
                position: \.rawValue)
            let heads = try await snapshot.endpointHeads(names.items)
            return Page(
                items: try await statuses(names.items.compactMap { heads[$0] }, snapshot),
                nextCursor: names.nextCursor)
        }
    }

    func statuses(_ heads: [EndpointHead], _ queries: some RegistryQueries) async throws -> [EndpointStatus] {
        let now = try await queries.databaseNow()
        let table = try await queries.routingTableMark()
        let served = try await queries.convergence(table?.release ?? 0)
        let verdicts = try await queries.verdicts()
        return heads.map { head in
            let isInTable = head.active.release <= table?.release ?? 0
            var status = EndpointStatus(
                endpoint: head.name, owner: head.active.content.owner, revision: head.active.number,
                release: head.active.release, generation: table?.generation ?? 0,
                held: head.hold.flatMap { $0.isInForce(at: now) ? $0 : nil }, waiting: head.waiting.map(Self.waiting),
                variants: head.active.content.spec.variants.compactMap { Self.variant($0, head, verdicts) },
                proxies: .init(live: served.live, inStep: isInTable ? served.inStep : 0), source: head.source)
            status.drift = Drift.of(head, status)
            return status
        }
    }

    private static func waiting(_ revision: Revision) -> EndpointStatus.Waiting {
        EndpointStatus.Waiting(
            revision: revision.number, release: revision.release, commit: revision.commit, actor: revision.actor,
            since: revision.createdAt,
            variants: revision.summaries)
    }

    private static func variant(
        _ variant: Variant, _ head: EndpointHead, _ verdicts: BackendVerdicts
    ) -> EndpointStatus.VariantStatus? {
        guard case .version(let version) = variant.model else { return nil }
        let keys = variant.backends.map { CheckedBackend($0, check: head.active.content.spec.health).healthKey }
        return EndpointStatus.VariantStatus(
            name: variant.name, model: version.model, version: version.version, traffic: variant.traffic,
            buckets: head.active.ranges[variant.name] ?? [], backends: variant.backends,
            healthyBackends: verdicts.healthy(among: keys))
    }
}
