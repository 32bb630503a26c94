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
    let memory: ServedMemory

    package init(store: RegistryStore, lease: Lease, logger: Logger) {
        self.init(store: store, lease: lease, logger: logger, memory: ServedMemory())
    }

    init(store: RegistryStore, lease: Lease, logger: Logger, memory: ServedMemory) {
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

    /// Publishes the next routing table when what should be served differs from what the last one says.
    func publishTable(comparesContent: Bool) async throws -> Int? {
        let mark = try await store.routingTableMark()
        var last = comparesContent ? nil : memory.take(ifAt: mark)
        if let last, last.release == (try await store.releaseMoment().release) {
            memory.keep(last)
            return nil
        }
        let change = try await Self.change(of: &last, in: store)
        guard !change.isEmpty || mark == nil else {
            if let last, let mark, mark.release < change.release {
                try await store.advance(generation: mark.generation, toRelease: change.release, under: lease)
                memory.keep(last.with(release: change.release))
            }
            return nil
        }
        return try await publish(change, after: last)
    }

    /// What the registry says now, against what the last table says.
    ///
    /// - Parameter last: read from the store if it is not known.
    private static func change(
        of last: inout ServedRoutes?, in store: RegistryStore
    ) async throws -> RouteChange {
        if let last {
            return try await store.snapshot { snapshot in
                let release = try await snapshot.releaseMoment().release
                let touched = try await snapshot.endpointsChanged(afterRelease: last.release)
                let desired = try await snapshot.activeRevisions(of: touched).map(RoutingTable.Route.init)
                return try RouteChange(from: last.routes, to: desired, among: touched, release: release)
            }
        }
        let served = try await ServedRoutes(reading: store)
        last = served
        return try await store.snapshot { snapshot in
            let release = try await snapshot.releaseMoment().release
            let desired = try await snapshot.activeRevisions().map(RoutingTable.Route.init)
            let known = served.map { Array($0.routes.endpoints) } ?? []
            return try RouteChange(
                from: served?.routes ?? RouteSet(), to: desired, among: known + desired.map(\.endpoint),
                release: release)
        }
    }

    private func publish(_ change: RouteChange, after last: ServedRoutes?) async throws -> Int {
        var routes = last?.routes ?? RouteSet()
        let generation = (last?.mark.generation ?? 0) + 1
        let delta = try TableDelta(
            from: last?.mark ?? TableMark(generation: 0, digest: 0), changing: &routes, to: generation,
            changed: change.changed, removed: change.removed)
        let isFirst = last == nil
        try await store.publish(
            body: isFirst ? try FlatTable(routes, generation: generation).bytes() : nil,
            delta: isFirst ? nil : try delta.bytes(), digest: hexadecimal(delta.result.digest),
            generation: Int(clamping: generation), release: change.release, under: lease)
        logger.info(
            "published a routing table",
            metadata: [
                "generation": "\(generation)", "release": "\(change.release)",
                "changed": "\(change.changed.count)", "removed": "\(change.removed.count)",
            ])
        let served = ServedRoutes(routes: routes, mark: delta.result, release: change.release)
        if !isFirst, generation % Self.wholeEvery == 0 {
            try await store.keepWhole(
                generation: Int(clamping: generation),
                body: try FlatTable(routes, generation: generation).bytes(), under: lease)
        }
        memory.keep(served)
        return Int(clamping: generation)
    }

    /// Who comes anew reads at most so many changes.
    private static let wholeEvery: UInt64 = 64

    private func hexadecimal(_ digest: UInt64) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
