internal import Planning
internal import RegistryStore
package import Resources

extension ControlPlane {
    /// An endpoint's revisions, the newest first.
    package func history(
        of endpoint: EndpointName, _ page: PageRequest, by caller: Caller
    ) async throws -> Page<Revision> {
        try caller.authorize(.viewer)
        let before = try page.numericCursor().map(Int.init)
        let revisions = try await store.revisions(of: endpoint, before: before, limit: page.limit + 1)
        if revisions.isEmpty, before == nil { throw await store.unknownEndpoint(endpoint) }
        return Page(revisions, of: page) { String($0.number) }
    }

    /// An endpoint's holds, the newest first, each with how it ended.
    package func holds(
        of endpoint: EndpointName, _ page: PageRequest, by caller: Caller
    ) async throws -> Page<HoldRecord> {
        try caller.authorize(.viewer)
        let holds = try await store.holds(of: endpoint, before: page.numericCursor(), limit: page.limit + 1)
        if holds.isEmpty { _ = try await store.endpointHead(endpoint) }
        return Page(holds, of: page) { String($0.id) }
    }

    /// All releases, the newest first.
    package func releases(_ page: PageRequest, by caller: Caller) async throws -> Page<Release> {
        try caller.authorize(.viewer)
        let before = try page.numericCursor().map(Int.init)
        return Page(try await store.releases(before: before, limit: page.limit + 1), of: page) { String($0.number) }
    }

    /// What lies between two revisions of an endpoint.
    package func diff(
        of endpoint: EndpointName, from: Int, to: Int, by caller: Caller
    ) async throws -> RevisionDifference {
        try caller.authorize(.viewer)
        return try await store.snapshot { snapshot in
            let head = try await snapshot.endpointHead(endpoint)
            var revisions: [Revision] = []
            for number in [from, to] {
                guard let revision = try await snapshot.revision(number, of: endpoint) else {
                    throw TurnoutError(
                        .notFound, "'\(endpoint)' has no revision \(number); the newest is \(head.latestRevision).")
                }
                revisions.append(revision)
            }
            return RevisionDifference(from: revisions[0], to: revisions[1])
        }
    }

    /// What lies between two releases.
    package func diff(fromRelease from: Int, toRelease to: Int, by caller: Caller) async throws -> ReleaseDifference {
        try caller.authorize(.viewer)
        return try await store.snapshot { snapshot in
            let newest = try await snapshot.releaseMoment().release
            for number in [from, to] where !(0...newest).contains(number) {
                throw TurnoutError(.notFound, "There is no release \(number); the newest is \(newest).")
            }
            let names = try await snapshot.endpointsChanged(afterRelease: min(from, to))
            return ReleaseDifference(
                from: from, to: to, endpoints: names,
                before: try await snapshot.activeRevisions(of: names, atRelease: from),
                after: try await snapshot.activeRevisions(of: names, atRelease: to))
        }
    }

    /// Which version served a routing key at a moment, and who decided so. Overrides of the endpoint are not considered.
    ///
    /// - Parameter at: `nil` for now.
    /// - Throws: `notFound` before the endpoint's first revision, `invalid` for the future.
    package func explain(
        _ endpoint: EndpointName, key: String, at: Timestamp?, by caller: Caller
    ) async throws -> Explanation {
        try caller.authorize(.viewer)
        return try await store.snapshot { snapshot in
            let now = try await snapshot.releaseMoment().at
            let moment = at ?? now
            guard moment <= now else {
                throw TurnoutError(.invalid, "\(moment) lies in the future: nobody knows yet what will be live then.")
            }
            if let revision = try await snapshot.activeRevision(of: endpoint, at: moment) {
                guard !revision.removed else {
                    throw TurnoutError(
                        .notFound,
                        "Endpoint '\(endpoint)' did not exist at \(moment): \(revision.actor) removed it at "
                            + "\(revision.createdAt) with release \(revision.release).")
                }
                return try Explanation(key: key, revision: revision, at: moment)
            }
            guard let first = try await snapshot.revision(1, of: endpoint) else {
                throw await snapshot.unknownEndpoint(endpoint)
            }
            throw TurnoutError(
                .notFound,
                "Endpoint '\(endpoint)' did not exist at \(moment): its first revision went live at \(first.createdAt)."
            )
        }
    }
}
