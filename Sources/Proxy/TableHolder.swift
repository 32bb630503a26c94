import Resources
import Splitting
import Synchronization

/// Owns the memory of one table in service, and the slots and counter blocks leased for it.
///
/// Made when a table is installed; its owner drops it when every loop serves a later table and has finished the
/// requests that began with this one.
@safe
final class TableHolder: @unchecked Sendable {
    // Sendable: written in `init` and `deinit` alone.
    let table: FlatTable
    let served: ServedTable
    let sequence: UInt64
    private let directory: BackendDirectory
    private let counters: CounterDirectory
    private let backendLease: BackendDirectory.Lease
    private let armLease: CounterDirectory.Lease
    private let routeLease: CounterDirectory.Lease
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let header: UnsafeMutableBufferPointer<UInt8>
    private let record: UnsafeMutablePointer<ServedTable.Record>

    init(
        _ table: FlatTable, sequence: UInt64, directory: BackendDirectory, counters: CounterDirectory
    ) throws(TurnoutError) {
        self.table = table
        self.sequence = sequence
        self.directory = directory
        self.counters = counters
        let routes = table.routingTable.routes
        let backendLease = try directory.lease(table.routingTable.backends)
        let armLease: CounterDirectory.Lease
        let routeLease: CounterDirectory.Lease
        do {
            armLease = try counters.lease(
                routes.flatMap { route in
                    route.variants.map {
                        .init(
                            endpoint: route.endpoint.rawValue, variant: $0.name.rawValue,
                            version: $0.version.description)
                    }
                })
        } catch {
            directory.release(backendLease)
            throw error
        }
        do {
            routeLease = try counters.lease(routes.map { .init(endpoint: $0.endpoint.rawValue) })
        } catch {
            directory.release(backendLease)
            counters.release(armLease)
            throw error
        }
        self.backendLease = backendLease
        self.armLease = armLease
        self.routeLease = routeLease
        unsafe bytes = Self.copy(table.bytes)
        unsafe header = Self.copy(Array("x-turnout-generation: \(table.generation)\r\n".utf8))
        let inFlightWords = counters.loops.count * ServedTable.lineWords
        let inFlight = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: inFlightWords)
        for index in 0..<inFlightWords { unsafe (inFlight + index).initialize(to: Atomic(0)) }
        unsafe record = .allocate(capacity: 1)
        guard let base = unsafe bytes.baseAddress, let line = unsafe header.baseAddress else {
            preconditionFailure("a table has a header")
        }
        unsafe record.initialize(
            to: ServedTable.Record(
                view: FlatTableView(base: UnsafeRawPointer(base)),
                backendSlots: Self.copy(backendLease.slots).baseAddress ?? .allocate(capacity: 1),
                armBlocks: Self.copy(armLease.blocks).baseAddress ?? .allocate(capacity: 1),
                routeBlocks: Self.copy(routeLease.blocks).baseAddress ?? .allocate(capacity: 1),
                inFlight: inFlight, generationHeader: Bytes(base: UnsafeRawPointer(line), count: header.count),
                sequence: sequence))
        unsafe served = ServedTable(record)
    }

    deinit {
        directory.release(backendLease)
        counters.release(armLease)
        counters.release(routeLease)
        unsafe record.pointee.backendSlots.deallocate()
        unsafe record.pointee.armBlocks.deallocate()
        unsafe record.pointee.routeBlocks.deallocate()
        unsafe record.pointee.inFlight.deallocate()
        unsafe record.deallocate()
        unsafe bytes.deallocate()
        unsafe header.deallocate()
    }

    private static func copy<Element: BitwiseCopyable>(_ source: [Element]) -> UnsafeMutableBufferPointer<Element> {
        let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(source.count, 1))
        _ = unsafe copy.update(fromContentsOf: source)
        return unsafe copy
    }
}
