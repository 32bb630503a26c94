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
    let memory: RouteMemory

    package init(store: RegistryStore, lease: Lease, logger: Logger) {
        self.init(store: store, lease: lease, logger: logger, memory: RouteMemory())
    }

    init(store: RegistryStore, lease: Lease, logger: Logger, memory: RouteMemory) {
        self.memory = memory
        self.store = store
        self.lease = lease
        self.logger = logger
    }

    /// - Parameter comparesContent: also when no release came since the last table: a new leader trusts nobody.
    /// - Returns: the generation that was published, if one was.
    package func run(comparesContent: Bool) async throws -> Int? {
        try await expireHolds()
        // Cheap: an index says which proxies are long gone, mostly none.
        try await store.forgetProxies()
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
        let newest = try await store.releaseMoment().release
        if let last, last.release == newest, !comparesContent { return nil }
        let (routes, release) = try await memory.desired(store)
        if let last, let body = try await store.routingTable()?.body {
            guard try compile(routes, generation: last.generation) != body else {
                if last.release < release {
                    try await store.advance(generation: last.generation, toRelease: release, under: lease)
                }
                return nil
            }
        }
        let generation = (last?.generation ?? 0) + 1
        let bytes = try compile(routes, generation: generation)
        try await store.publish(
            body: bytes, digest: hexadecimal(XXH64.hash(bytes)), generation: generation, release: release,
            under: lease)
        logger.info(
            "published a routing table",
            metadata: ["generation": "\(generation)", "release": "\(release)", "bytes": "\(bytes.count)"])
        return generation
    }

    private func compile(_ routes: [RoutingTable.Route], generation: Int) throws(TurnoutError) -> [UInt8] {
        try FlatTable.compile(RoutingTable(generation: UInt64(generation), routes: routes))
    }

    private func hexadecimal(_ digest: UInt64) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
