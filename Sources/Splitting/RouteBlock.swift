import Resources

/// One route's binary form, as a `FlatTable` with that route alone has it, at a place in memory that does not move:
/// what loops read while they route. Immutable; safe to share between threads.
@safe
package final class RouteBlock: @unchecked Sendable {
    // Sendable: written in `init` alone.
    private let memory: UnsafeMutableRawBufferPointer
    /// XXH64 of the binary form: equal for routes that differ in nothing that matters.
    package let digest: UInt64

    /// - Throws: `TurnoutError` with code `invalid` when the route can't be served.
    init(_ route: RoutingTable.Route) throws(TurnoutError) {
        let bytes = try FlatTable.compile(RoutingTable(generation: 0, routes: [route]))
        digest = XXH64.hash(bytes)
        memory = .allocate(byteCount: bytes.count, alignment: 8)
        memory.copyBytes(from: bytes)
    }

    deinit { memory.deallocate() }

    /// What it says, read anew at each call: a proxy keeps thousands of routes, and seldom looks at one as a whole.
    package var route: RoutingTable.Route {
        guard let table = try? FlatTableDecoder(Array(memory)).decode(), let route = table.routes.first else {
            preconditionFailure("a block is what was compiled from a route")
        }
        return route
    }

    /// Reads the block; for as long as somebody holds it.
    @unsafe
    package var view: RouteView {
        guard let base = memory.baseAddress else { preconditionFailure("a block has a header") }
        return RouteView(base: UnsafeRawPointer(base))
    }
}
