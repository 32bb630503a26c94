package import Resources

/// A routing table that can be served: checked, numbered, and with one binary form, the same on the wire and on disk.
///
/// The same table gives the same bytes, and no other bytes are taken for it: `init(validating:)` decodes a block
/// completely, compiles it again and compares. Changing a copy costs what changes. Safe to share between threads.
package struct FlatTable: Sendable, Hashable {
    package let generation: UInt64
    package let routes: RouteSet

    /// Checks that a table can be served: unique names and hosts, variants that exist, at least one backend a variant,
    /// and ranges that partition all buckets.
    ///
    /// - Throws: `TurnoutError` with code `invalid` that names the endpoint and the fault.
    package init(_ table: RoutingTable) throws(TurnoutError) {
        self.init(try RouteSet(table.routes), generation: table.generation)
    }

    /// Numbers routes, which were checked when they came into the set.
    package init(_ routes: RouteSet, generation: UInt64) {
        self.routes = routes
        self.generation = generation
    }

    /// Takes bytes from outside.
    ///
    /// - Throws: `TurnoutError` with code `invalid` unless they are exactly what `compile` makes of some table.
    package init(validating bytes: [UInt8]) throws(TurnoutError) {
        let table = try FlatTableDecoder(bytes).decode()
        guard try Self.compile(table) == bytes else {
            throw TurnoutError(.invalid, "The routing table is not in its canonical form.")
        }
        try self.init(table)
    }

    /// The binary form.
    ///
    /// - Throws: as `init(_:)`, or when the table would be larger than 4 GiB.
    package static func compile(_ table: RoutingTable) throws(TurnoutError) -> [UInt8] {
        var compiler = FlatTableCompiler()
        return try compiler.compile(table)
    }

    /// The binary form of this table, made anew at each call.
    ///
    /// - Throws: `TurnoutError` with code `invalid` when it would be larger than 4 GiB.
    package func bytes() throws(TurnoutError) -> [UInt8] { try Self.compile(routingTable) }

    /// As values, sorted by endpoint.
    package var routingTable: RoutingTable { routes.table(generation: generation) }

    /// `RouteSet.digest(generation:)`: two proxies with equal digests route alike.
    package var digest: UInt64 { routes.digest(generation: generation) }

    package static func == (left: FlatTable, right: FlatTable) -> Bool {
        left.generation == right.generation && left.digest == right.digest
    }
    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}
