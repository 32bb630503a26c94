internal import RegistryStore
internal import Resources
internal import Splitting
internal import Synchronization

/// The routes of live revisions, so that each is read and decoded once: a revision never changes.
///
/// Not state that anything depends on: an empty memory gives the same table. Safe to share between tasks.
final class RouteMemory: Sendable {
    private let routes = Mutex<[EndpointName: RoutingTable.Route]>([:])

    /// How every endpoint is to be served, and the newest release: both of one moment.
    func desired(_ store: RegistryStore) async throws -> (routes: [RoutingTable.Route], release: Int) {
        let known = routes.withLock { $0 }
        let (desired, release) = try await store.snapshot { snapshot in
            let numbers = try await snapshot.activeRevisionNumbers()
            var desired = known.filter { numbers[$0.key] == $0.value.revision }
            let missing = numbers.keys.filter { desired[$0] == nil }
            for revision in try await snapshot.activeRevisions(of: Array(missing)) {
                desired[revision.endpoint] = try RoutingTable.Route(revision)
            }
            return (desired, try await snapshot.releaseMoment().release)
        }
        routes.withLock { $0 = desired }
        return (Array(desired.values), release)
    }
}
