internal import Planning
internal import RegistryStore
internal import Resources

extension ControlPlane {
    /// Reads, decides and records in one serialisable transaction, under the lock that all changes take; then pokes.
    ///
    /// - Parameters:
    ///   - key: sending the request again with the same key answers what the first one did.
    ///   - decide: may run several times.
    func change(
        _ caller: Caller, _ key: IdempotencyKey?, _ operation: String, _ request: some Encodable,
        _ decide: (RegistryTransaction, ReleaseMoment) async throws -> PlannedRelease
    ) async throws -> ChangeOutcome {
        let outcome = try await store.transaction { transaction in
            try await once(transaction, caller, key: key, operation: operation, request: request) {
                let moment = try await transaction.releaseMoment()
                let planned = try await decide(transaction, moment)
                try await demandFreeHosts(planned, transaction)
                try await demandVersions(planned, transaction)
                let release = try await transaction.record(planned.draft, at: moment, role: caller.role)
                return ChangeOutcome(
                    status: planned.status, release: release, changes: planned.changes, notes: planned.notes)
            }
        }
        poke()
        return outcome
    }

    /// What goes live must not claim another endpoint's host. An apply was checked with its files; a rollback may bring
    /// back what someone else took meanwhile.
    private func demandFreeHosts(_ planned: PlannedRelease, _ queries: some RegistryQueries) async throws {
        let contents = planned.draft.endpoints.compactMap { $0.revision }.filter { !$0.removed }.map(\.content)
        let owners = try await queries.hostOwners(
            contents.flatMap(\.spec.hosts), except: planned.draft.endpoints.map(\.endpoint))
        let disputes = HostClaims.disputes(contents, owners: owners)
        guard disputes.isEmpty else {
            throw TurnoutError(.conflict, disputes.map(\.description).joined(separator: "\n"))
        }
    }

    /// What goes live must not use a version that was deleted, as an old revision may.
    private func demandVersions(_ planned: PlannedRelease, _ queries: some RegistryQueries) async throws {
        let revisions = planned.draft.endpoints.compactMap(\.revision).filter { !$0.removed }
        let variants = revisions.flatMap(\.content.spec.variants)
        let selectors = Set(variants.map(\.model))
        guard !selectors.isEmpty else { return }
        let missing = try await queries.resolve(selectors).filter { selector, resolution in
            if case .version = resolution { return false }
            return true
        }
        guard let first = missing.keys.map(\.description).min() else { return }
        throw TurnoutError(.conflict, "\(first) was deleted and can't take traffic again.")
    }
}
