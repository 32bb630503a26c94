import Resources
import Splitting

/// Owns one route in service, with the slots and counter blocks leased for it. Shared by all tables that have the route
/// unchanged, so that a new table costs what it changes; gone with the last of them.
@safe
final class RouteHolder: @unchecked Sendable {
    // Sendable: written in `init` and `deinit` alone.
    let block: RouteBlock
    let served: ServedRoute
    /// XXH64 of the endpoint's name.
    let nameHash: UInt64
    /// The distinct backends, and their slots.
    let backends: [CheckedBackend]
    var slots: [UInt32] { backendLease.slots }
    private let directory: BackendDirectory
    private let counters: CounterDirectory
    private let backendLease: BackendDirectory.Lease
    private let counterLease: CounterDirectory.Lease
    private let record: UnsafeMutablePointer<ServedRoute.Record>

    init(
        _ block: RouteBlock, directory: BackendDirectory, counters: CounterDirectory
    ) throws(TurnoutError) {
        let route = block.route
        let endpoint = route.endpoint.rawValue
        let backends = route.backends
        let backendLease = try directory.lease(backends)
        let counterLease: CounterDirectory.Lease
        do {
            counterLease = try counters.lease(
                [.init(endpoint: endpoint)]
                    + route.variants.map {
                        .init(endpoint: endpoint, variant: $0.name.rawValue, version: $0.version.description)
                    })
        } catch {
            directory.release(backendLease)
            throw error
        }
        self.block = block
        nameHash = XXH64.hash(endpoint.utf8)
        self.backends = backends
        self.directory = directory
        self.counters = counters
        self.backendLease = backendLease
        self.counterLease = counterLease
        unsafe record = .allocate(capacity: 1)
        unsafe record.initialize(
            to: ServedRoute.Record(
                view: block.view, backendCount: backends.count, backendSlots: Self.copy(backendLease.slots),
                blocks: Self.copy(counterLease.blocks)))
        unsafe served = ServedRoute(record)
    }

    deinit {
        directory.release(backendLease)
        counters.release(counterLease)
        unsafe record.pointee.backendSlots.deallocate()
        unsafe record.pointee.blocks.deallocate()
        unsafe record.deallocate()
    }

    private static func copy(_ source: [UInt32]) -> UnsafeMutablePointer<UInt32> {
        let copy = UnsafeMutablePointer<UInt32>.allocate(capacity: max(source.count, 1))
        for (index, element) in source.enumerated() { unsafe copy[index] = element }
        return unsafe copy
    }
}
