package import Logging
internal import Planning
package import RegistryStore
internal import Resources
internal import Splitting

/// What the leader does in one activation. Each task compares and acts for itself.
package struct ReconcilerTasks: Sendable {
    let store: RegistryStore
    let lease: Lease
    let logger: Logger

    package init(store: RegistryStore, lease: Lease, logger: Logger) {
        self.store = store
        self.lease = lease
        self.logger = logger
    }

    /// - Parameter comparesContent: also when no release came since the last table: a new leader trusts nobody.
    /// - Returns: the generation that was published, if one was.
    package func run(comparesContent: Bool) async throws -> Int? {
        try await expireHolds()
        return try await publishTable(comparesContent: comparesContent)
    }

    /// Releases the holds whose time has passed, each by itself, so that one that can't be released delays no other.
    func expireHolds() async throws {
        let expired = try await store.endpointHeadsWithExpiredHold(at: try await store.databaseNow())
        for endpoint in expired.keys.sorted() {
            do {
                try await expireHold(endpoint)
            } catch let error as TurnoutError where error.code != .unavailable {
                logger.error(
                    "an expired hold can't be released",
                    metadata: ["endpoint.name": "\(endpoint)", "error": "\(error.context ?? error.message)"])
            }
        }
    }

    private func expireHold(_ endpoint: EndpointName) async throws {
        try await store.transaction { transaction in
            try await transaction.demand(lease)
            let moment = try await transaction.releaseMoment()
            let note = ReleaseNote(actor: "turnout", reason: "The hold's time passed.")
            let head = try await transaction.endpointHead(endpoint)
            // Someone may have released or replaced it since.
            guard let planned = try ReleasePlanner(note: note, now: moment.at).expire(head) else { return }
            _ = try await transaction.record(planned.draft, at: moment, role: .operator)
        }
    }

    /// Publishes the next routing table when what should be served differs from the last one's content.
    func publishTable(comparesContent: Bool) async throws -> Int? {
        let last = try await store.routingTableMark()
        let release = try await store.releaseMoment().release
        if let last, last.release == release, !comparesContent { return nil }
        let (desired, newest) = try await store.snapshot { snapshot in
            (try await snapshot.activeRevisions(), try await snapshot.releaseMoment().release)
        }
        guard let published = try await store.routingTable() else {
            return try await publish(try compile(desired, generation: 1), generation: 1, release: newest)
        }
        let same = try compile(desired, generation: published.generation)
        guard same.bytes != published.body else {
            if published.release < newest {
                try await store.advance(generation: published.generation, toRelease: newest, under: lease)
            }
            return nil
        }
        let generation = published.generation + 1
        return try await publish(
            try compile(desired, generation: generation), generation: generation, release: newest)
    }

    private func publish(_ table: FlatTable, generation: Int, release: Int) async throws -> Int {
        try await store.publish(
            body: table.bytes, digest: hexadecimal(table.digest), generation: generation, release: release,
            under: lease)
        logger.info(
            "published a routing table",
            metadata: ["generation": "\(generation)", "release": "\(release)", "bytes": "\(table.bytes.count)"])
        return generation
    }

    private func compile(_ revisions: [Revision], generation: Int) throws(TurnoutError) -> FlatTable {
        var routes: [RoutingTable.Route] = []
        for revision in revisions { routes.append(try RoutingTable.Route(revision)) }
        return try FlatTable(RoutingTable(generation: UInt64(generation), routes: routes))
    }

    private func hexadecimal(_ digest: UInt64) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
