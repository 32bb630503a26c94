internal import Planning
internal import RegistryStore
package import Resources

extension ControlPlane {
    /// Gives a variant a share of the traffic at once, and holds the endpoint there.
    ///
    /// - Throws: `notFound`, `conflict` under another's hold, `invalid` when nobody could take the rest.
    package func promote(
        _ endpoint: EndpointName, _ request: PromoteRequest, key: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> ChangeOutcome {
        try caller.authorize(.operator)
        return try await change(caller, key, "endpoint.promote \(endpoint)", request) { transaction, moment in
            let head = try await transaction.presentEndpointHead(endpoint)
            return try planner(caller, request.reason, moment).promote(
                head, variant: request.variant, to: request.traffic ?? .all, until: try until(request.holdFor, moment),
                takesOver: request.takeOver ?? false)
        }
    }

    /// Brings back the exact content and buckets of an older revision, and holds the endpoint there.
    ///
    /// - Throws: `notFound`, `conflict` under another's hold or when the revision can't be live any more.
    package func rollback(
        _ endpoint: EndpointName, _ request: RollbackRequest, key: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> ChangeOutcome {
        try caller.authorize(.operator)
        return try await change(caller, key, "endpoint.rollback \(endpoint)", request) { transaction, moment in
            let head = try await transaction.endpointHead(endpoint)
            let target = try await target(of: request, head, transaction)
            return try planner(caller, request.reason, moment).rollback(
                head, to: target, until: try until(request.holdFor, moment), takesOver: request.takeOver ?? false)
        }
    }

    /// Brings every endpoint back to what it was at a release: all of them or none.
    package func rollback(
        _ request: ReleaseRollbackRequest, key: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> ChangeOutcome {
        try caller.authorize(.operator)
        return try await change(caller, key, "release.rollback", request) { transaction, moment in
            guard let release = try await transaction.release(request.release) else {
                throw TurnoutError(
                    .notFound, "There is no release \(request.release); the newest is \(moment.release).")
            }
            let targets = try await transaction.activeRevisions(atRelease: request.release)
            return try planner(caller, request.reason, moment).rollback(
                Array(try await transaction.endpointHeads().values), toRelease: release,
                targets: Dictionary(targets.map { ($0.endpoint, $0) }, uniquingKeysWith: { first, _ in first }),
                until: try until(request.holdFor, moment), takesOver: request.takeOver ?? false)
        }
    }

    /// Releases the hold: what git says goes live.
    package func resume(
        _ endpoint: EndpointName, _ request: ResumeRequest, key: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> ChangeOutcome {
        try caller.authorize(.operator)
        return try await change(caller, key, "endpoint.resume \(endpoint)", request) { transaction, moment in
            try planner(caller, request.reason, moment).resume(try await transaction.presentEndpointHead(endpoint))
        }
    }

    private func planner(_ caller: Caller, _ reason: String?, _ moment: ReleaseMoment) -> ReleasePlanner {
        ReleasePlanner(note: ReleaseNote(actor: caller.actor, reason: reason), now: moment.at)
    }

    private func until(_ limit: Interval?, _ moment: ReleaseMoment) throws(TurnoutError) -> Timestamp? {
        guard let limit else { return nil }
        guard limit > .seconds(0) else {
            throw TurnoutError(.invalid, "'holdFor' is 0s; expected more, or none of it for a hold without an end.")
        }
        return moment.at.advanced(by: limit.duration)
    }

    private func target(
        of request: RollbackRequest, _ head: EndpointHead, _ queries: some RegistryQueries
    ) async throws -> Revision {
        guard let number = request.toRevision else {
            guard let former = try await queries.formerRevision(than: head.active) else {
                throw TurnoutError(
                    .invalid,
                    "'\(head.name)' never was anything else than it is now, so there is nothing to go back to.")
            }
            return former
        }
        guard let revision = try await queries.revision(number, of: head.name) else {
            throw TurnoutError(
                .notFound, "'\(head.name)' has no revision \(number); the newest is \(head.latestRevision).")
        }
        return revision
    }
}
