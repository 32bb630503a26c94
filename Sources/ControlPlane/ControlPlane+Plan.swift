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
            let decision = try await decide(caller, request, snapshot, moment)
            let present = decision.heads.values.filter { !$0.isRemoved }.sorted { $0.name < $1.name }
            return Plan(
                baseRelease: moment.release, registry: try await snapshot.registryID(),
                changes: decision.planned.changes, orphans: decision.orphans,
                drift: try await statuses(present, snapshot).flatMap(\.drift))
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
            guard let expected = request.expected else {
                let planned = try await decide(caller, request, transaction, moment).planned
                try await demandFreshBase(request, planned, transaction, moment)
                return planned
            }
            return try await decide(caller, request, exactly: expected, transaction, moment)
        }
    }

    /// A plan is applied as it was shown, or not at all.
    private func decide(
        _ caller: Caller, _ request: ApplyRequest, exactly expected: PlanExpectation,
        _ transaction: RegistryTransaction, _ moment: ReleaseMoment
    ) async throws -> PlannedRelease {
        guard expected.registry == (try await transaction.registryID()) else {
            throw TurnoutError(
                .conflict, "The plan was made by another registry than this one: plan again against this one.")
        }
        let planned: PlannedRelease
        do {
            planned = try await decide(caller, request, transaction, moment).planned
        } catch let error as TurnoutError where error.code == .invalidFiles {
            throw TurnoutError(
                .conflict, "What the plan needs is no longer there, so nothing was changed: \(error.message)")
        }
        try await demandFreshBase(request, planned, transaction, moment)
        let faults = planned.differences(from: expected.changes)
        guard faults.isEmpty else {
            throw TurnoutError(
                .conflict, "Since the plan was made, " + faults.joined(separator: "; ") + ". Plan again.")
        }
        return planned
    }

    private struct Decision {
        let planned: PlannedRelease
        /// Where the endpoints of the request stand that exist or once did.
        let heads: [EndpointName: EndpointHead]
        /// What stays although its source no longer holds it.
        let orphans: [EndpointName]
    }

    private func decide(
        _ caller: Caller, _ request: ApplyRequest, _ queries: some RegistryQueries, _ moment: ReleaseMoment
    ) async throws -> Decision {
        try DraftChecks.check(request)
        let resolver = EndpointResolver(queries: queries)
        let endpoints = try await resolver.resolve(request.endpoints, environment: request.environment)
        let planner = ReleasePlanner(
            note: ReleaseNote(
                actor: caller.actor, reason: request.reason, commit: request.commit, source: request.source),
            now: moment.at)
        let heads = try await queries.endpointHeads(endpoints.map(\.name))
        if request.adopt != true, let fault = SourceClaims.fault(Array(heads.values), by: request.source) {
            throw TurnoutError(.conflict, fault)
        }
        let orphans = try await orphans(request, queries)
        guard request.prune == true else {
            var planned = try planner.apply(endpoints, heads: heads)
            planned.notes += orphans.map { "'\($0)' is no longer in these files; --prune removes it." }
            return Decision(planned: planned, heads: heads, orphans: orphans)
        }
        let leaving = try await queries.endpointHeads(orphans)
        return Decision(
            planned: try planner.apply(endpoints, heads: heads, removing: Array(leaving.values)),
            heads: heads.merging(leaving) { head, _ in head }, orphans: [])
    }

    /// What the source once declared and its files no longer do.
    private func orphans(_ request: ApplyRequest, _ queries: some RegistryQueries) async throws -> [EndpointName] {
        guard let source = request.source, let inventory = request.inventory else { return [] }
        let kept = Set(inventory).union(request.endpoints.map(\.name))
        return try await queries.endpointNames(ofSource: source).filter { !kept.contains($0) }
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
