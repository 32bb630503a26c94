package import Resources

/// A routing table as one block of bytes that depends on no address: the same on the wire, on disk and in memory.
///
/// The same table gives the same bytes, and no other bytes are taken for it: `init(validating:)` decodes a block
/// completely, compiles it again and compares, so that reads through `FlatTableView` need no checks of their own.
/// Immutable; safe to share between threads.
package struct FlatTable: Sendable, Hashable {
    /// Checked; begins with `FlatTableLayout.magic`.
    package let bytes: [UInt8]
    /// The table that the bytes stand for, with ranges in bucket order and retry conditions in declared order.
    package let routingTable: RoutingTable
    /// `RouteSet.digest(generation:)`: two proxies with equal digests route alike.
    package let digest: UInt64

    /// Compiles a table, checking that it can be served: unique names and hosts, variants that exist, at least one
    /// backend a variant, and ranges that partition all buckets.
    ///
    /// - Throws: `TurnoutError` with code `invalid` that names the endpoint and the fault.
    package init(_ table: RoutingTable) throws(TurnoutError) {
        let bytes = try Self.compile(table)
        self.routingTable = try FlatTableDecoder(bytes).decode()
        self.bytes = bytes
        digest = try RouteSet(table.routes).digest(generation: table.generation)
    }

    /// Compiles routes that were checked when they came into the set.
    ///
    /// - Throws: as `init(_:)`.
    package init(_ routes: RouteSet, generation: UInt64) throws(TurnoutError) {
        routingTable = routes.table(generation: generation)
        bytes = try Self.compile(routingTable)
        digest = routes.digest(generation: generation)
    }

    /// Takes bytes from outside.
    ///
    /// - Throws: `TurnoutError` with code `invalid` unless they are exactly what `compile` makes of some table.
    package init(validating bytes: [UInt8]) throws(TurnoutError) {
        let table = try FlatTableDecoder(bytes).decode()
        guard try Self.compile(table) == bytes else {
            throw TurnoutError(.invalid, "The routing table is not in its canonical form.")
        }
        self.bytes = bytes
        self.routingTable = table
        digest = try RouteSet(table.routes).digest(generation: table.generation)
    }

    /// The bytes of `init(_:)` alone.
    ///
    /// - Throws: as `init(_:)`.
    package static func compile(_ table: RoutingTable) throws(TurnoutError) -> [UInt8] {
        var compiler = FlatTableCompiler()
        return try compiler.compile(table)
    }

    package var generation: UInt64 { routingTable.generation }

    package static func == (left: FlatTable, right: FlatTable) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
