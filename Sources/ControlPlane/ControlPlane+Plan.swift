internal import Planning
internal import RegistryStore
package import Resources

extension ControlPlane {
    /// What applying these endpoints would change. Changes nothing itself.
    ///
    /// - Throws: `invalidFiles` with every fault that only the registry can see.
    package func plan(_ request: ApplyRequest, by caller: Caller) async throws -> Plan {
        try caller.authorize(.viewer)
        return try await store.snapshot { snapshot in
            let moment = try await snapshot.releaseMoment()
            let planned = try await decide(caller, request, snapshot, moment)
            return Plan(baseRelease: moment.release, changes: planned.changes)
        }
    }

    /// Makes these endpoints what git says: a whole release, or nothing. An endpoint under a hold is recorded and waits.
    ///
    /// - Throws: `invalidFiles` with every fault that only the registry can see, `conflict` when the base is stale.
    package func apply(
        _ request: ApplyRequest, key: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> ChangeOutcome {
        try caller.authorize(.operator)
        return try await change(caller, key, "endpoint.apply", request) { transaction, moment in
            let planned = try await decide(caller, request, transaction, moment)
            try await demandFreshBase(request, planned, transaction, moment)
            return planned
        }
    }

    private func decide(
        _ caller: Caller, _ request: ApplyRequest, _ queries: some RegistryQueries, _ moment: ReleaseMoment
    ) async throws -> PlannedRelease {
        let resolver = EndpointResolver(queries: queries)
        let endpoints = try await resolver.resolve(request.endpoints, environment: request.environment)
        let planner = ReleasePlanner(
            note: ReleaseNote(
                actor: caller.actor, reason: request.reason, commit: request.commit, source: request.source),
            now: moment.at)
        return try planner.apply(endpoints, heads: try await queries.endpointHeads(endpoints.map(\.name)))
    }

    /// A plan speaks of what it saw. It no longer does when what it would change has changed since; an endpoint that
    /// already is as wanted does no harm.
    private func demandFreshBase(
        _ request: ApplyRequest, _ planned: PlannedRelease, _ queries: some RegistryQueries, _ moment: ReleaseMoment
    ) async throws {
        guard let base = request.baseRelease, base != moment.release else { return }
        guard base >= 0, base < moment.release else {
            throw TurnoutError(
                .invalid,
                "The plan was made against release \(base), but the newest is \(moment.release): "
                    + "it belongs to another registry.")
        }
        let changes = try await queries.changes(of: planned.draft.endpoints.map(\.endpoint), since: base)
        guard !changes.isEmpty else { return }
        let releases = Dictionary(grouping: changes, by: \.release).sorted { $0.key < $1.key }
        let lines = releases.prefix(20).compactMap { number, changes in
            changes.first.map { first in
                let names = changes.map { "'\($0.endpoint)'" }.joined(separator: ", ")
                return "release \(number) (\(first.origin.rawValue) by \(first.actor)) changed \(names)"
            }
        }
        throw TurnoutError(
            .conflict,
            "The plan was made against release \(base); since then " + lines.joined(separator: "; ")
                + (releases.count > 20 ? "; and more" : "") + ". Plan again and look at what differs.")
    }
}
