import Resources
import Splitting
import Synchronization

/// Owns one table in service, and with others the routes in it.
///
/// Made when a table is staged; its owner drops it when every loop serves a later table and has finished the requests
/// that began with this one.
@safe
final class TableHolder: @unchecked Sendable {
    // Sendable: written before any loop sees it, and in `deinit`.
    let table: FlatTable
    /// What is not in the table that this one was staged after.
    let fresh: [RouteHolder]
    private let routes: [EndpointName: RouteHolder]
    private let generationHeader: UnsafeMutableBufferPointer<UInt8>
    private let record: UnsafeMutablePointer<ServedTable.Record>

    /// - Parameter before: the routes it has unchanged are shared.
    /// - Throws: `TurnoutError` with code `too_large` when there are more backends or variants than there is room for.
    init(
        _ table: FlatTable, after before: TableHolder?, directory: BackendDirectory, counters: CounterDirectory
    ) throws(TurnoutError) {
        self.table = table
        var routes: [EndpointName: RouteHolder] = [:]
        routes.reserveCapacity(table.routes.count)
        var fresh: [RouteHolder] = []
        var hostCount = 0
        for (endpoint, block) in table.routes.compiled {
            hostCount += unsafe block.view.hostCount
            if let known = before?.routes[endpoint], known.block === block || known.block.digest == block.digest {
                routes[endpoint] = known
            } else {
                let holder = try RouteHolder(block, directory: directory, counters: counters)
                routes[endpoint] = holder
                fresh.append(holder)
            }
        }
        self.routes = routes
        self.fresh = fresh
        let names = RouteIndex(count: routes.count)
        let hosts = RouteIndex(count: hostCount)
        var wildcard: ServedRoute?
        var hasHosts = false
        for holder in routes.values {
            names.insert(Bytes(holder.served.view.name), hash: holder.nameHash, holder.served)
            for index in 0..<holder.served.view.hostCount {
                let host = Bytes(holder.served.view.host(index))
                if host.equals(Bytes("*")) {
                    wildcard = holder.served
                } else {
                    hasHosts = true
                    hosts.insert(host, hash: unsafe XXH64.hash(host.buffer), holder.served)
                }
            }
        }
        unsafe generationHeader = Self.text("x-turnout-generation: \(table.generation)\r\n")
        guard let line = unsafe generationHeader.baseAddress else { preconditionFailure("a header has bytes") }
        let inFlightWords = counters.loops.count * ServedTable.lineWords
        let inFlight = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: inFlightWords)
        for index in 0..<inFlightWords { unsafe (inFlight + index).initialize(to: Atomic(0)) }
        unsafe record = .allocate(capacity: 1)
        unsafe record.initialize(
            to: ServedTable.Record(
                names: names, hosts: hosts, hasHosts: hasHosts, wildcard: wildcard, inFlight: inFlight,
                generationHeader: Bytes(base: UnsafeRawPointer(line), count: generationHeader.count), sequence: 0))
    }

    deinit {
        unsafe record.pointee.names.deallocate()
        unsafe record.pointee.hosts.deallocate()
        unsafe record.pointee.inFlight.deallocate()
        unsafe record.deallocate()
        unsafe generationHeader.deallocate()
    }

    var served: ServedTable { unsafe ServedTable(record) }

    /// Rises with each table installed in this process; 0 until it is.
    var sequence: UInt64 {
        get { unsafe record.pointee.sequence }
        set { unsafe record.pointee.sequence = newValue }
    }

    /// Says which backends are in service from now on, and which no more. To be called before the table is published.
    func enter(_ slots: BackendSlots, after before: TableHolder?) {
        for (endpoint, holder) in routes where before?.routes[endpoint] !== holder {
            for slot in holder.slots { slots.enter(Int(slot)) }
        }
        for (endpoint, holder) in before?.routes ?? [:] where routes[endpoint] !== holder {
            for slot in holder.slots { slots.leave(Int(slot)) }
        }
    }

    private static func text(_ text: String) -> UnsafeMutableBufferPointer<UInt8> {
        let bytes = Array(text.utf8)
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = unsafe copy.update(fromContentsOf: bytes)
        return unsafe copy
    }
}
