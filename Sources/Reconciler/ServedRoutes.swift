internal import RegistryStore
internal import Resources
internal import Splitting
internal import Synchronization

/// What the newest published table says, and up to which release it does.
struct ServedRoutes: Sendable {
    let routes: RouteSet
    let mark: TableMark
    let release: Int

    func with(release: Int) -> ServedRoutes { ServedRoutes(routes: routes, mark: mark, release: release) }
}

extension ServedRoutes {
    /// Reads the newest table: the last whole one, and what changed since.
    ///
    /// - Returns: `nil` when none was published yet.
    init?(reading store: RegistryStore) async throws {
        var routes = RouteSet()
        var newest: (mark: TableMark, release: Int)?
        for table in try await store.routingTables() {
            if let body = table.body {
                routes = try FlatTable(validating: body).routes
            } else if let delta = table.delta {
                try TableDelta(validating: delta).apply(to: &routes)
            }
            let generation = UInt64(table.generation)
            newest = (TableMark(generation: generation, digest: routes.digest(generation: generation)), table.release)
        }
        guard let newest else { return nil }
        self.init(routes: routes, mark: newest.mark, release: newest.release)
    }
}

/// What has to change in a table.
struct RouteChange: Sendable {
    let changed: [RoutingTable.Route]
    let removed: [EndpointName]
    /// The registry's newest release, as far as which this goes.
    let release: Int

    var isEmpty: Bool { changed.isEmpty && removed.isEmpty }

    /// - Parameters:
    ///   - desired: how those of `endpoints` that are to be served are to be served.
    ///   - endpoints: all that may differ; the rest stays.
    init(
        from routes: RouteSet, to desired: [RoutingTable.Route], among endpoints: [EndpointName], release: Int
    ) throws(TurnoutError) {
        var changed: [RoutingTable.Route] = []
        for route in desired where try !routes.holds(route) { changed.append(route) }
        self.changed = changed
        let wanted = Set(desired.map(\.endpoint))
        removed = Set(endpoints).subtracting(wanted).filter { routes[$0] != nil }.sorted()
        self.release = release
    }
}

/// Keeps the leader from reading its own tables again.
///
/// Not state that anything depends on: an empty memory gives the same tables. Safe to share between tasks.
final class ServedMemory: Sendable {
    private let served = Mutex<ServedRoutes?>(nil)

    /// Forgets what it returns, so that a failure half-way has the next activation read everything.
    ///
    /// - Returns: what is remembered, if it is what the store says is the newest.
    func take(ifAt mark: RoutingTableMark?) -> ServedRoutes? {
        served.withLock { served in
            defer { served = nil }
            guard let known = served, let mark, known.mark.generation == UInt64(mark.generation),
                known.mark.digest == UInt64(mark.digest, radix: 16)
            else { return nil }
            return known
        }
    }

    func keep(_ routes: ServedRoutes) { served.withLock { $0 = routes } }
}
