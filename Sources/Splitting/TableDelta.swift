package import Resources

/// What leads from one routing table to the next: the routes that changed and the endpoints that left.
package struct TableDelta: Sendable, Hashable {
    /// Which table it starts from.
    package let base: TableMark
    /// Which table it leads to.
    package let result: TableMark
    package let changed: [RoutingTable.Route]
    package let removed: [EndpointName]

    /// - Parameter routes: of the table at `base`; brought to the result.
    /// - Throws: `TurnoutError` with code `invalid` when a route can't be served; `routes` are as before then.
    package init(
        from base: TableMark, changing routes: inout RouteSet, to generation: UInt64,
        changed: [RoutingTable.Route], removed: [EndpointName]
    ) throws(TurnoutError) {
        try routes.change(changed, removing: removed)
        self.base = base
        self.changed = changed.sorted { $0.endpoint < $1.endpoint }
        self.removed = removed.sorted()
        result = TableMark(generation: generation, digest: routes.digest(generation: generation))
    }

    /// Brings `routes` from the base to the result.
    ///
    /// - Throws: `TurnoutError` with code `conflict` when the outcome is not the table that was meant, because `routes`
    ///   were not those of the base: they are of no use any more.
    package func apply(to routes: inout RouteSet) throws(TurnoutError) {
        try routes.change(changed, removing: removed)
        guard routes.digest(generation: result.generation) == result.digest else {
            throw TurnoutError(
                .conflict, "The change to generation \(result.generation) does not fit the routing table it is made to."
            )
        }
    }
}

/// Names one table: its number, and the digest of what it says.
package struct TableMark: Sendable, Hashable {
    package let generation: UInt64
    /// `RouteSet.digest(generation:)`.
    package let digest: UInt64

    package init(generation: UInt64, digest: UInt64) {
        self.generation = generation
        self.digest = digest
    }
}

// MARK: Binary form

/// Little-endian: magic, format, number of removed endpoints, XXH64 of all that follows; base and result, each as
/// generation and digest; the removed names, each after its length in one byte; the changed routes as a `FlatTable`.
extension TableDelta {
    private static let magic: [UInt8] = Array("TURNDLT\0".utf8)
    private static let formatVersion: UInt64 = 1
    private static let headerBytes = 32

    package func bytes() throws(TurnoutError) -> [UInt8] {
        var body: [UInt8] = []
        for number in [base.generation, base.digest, result.generation, result.digest] { Self.put(number, &body) }
        for name in removed {
            let text = Array(name.rawValue.utf8)
            body.append(UInt8(clamping: text.count))
            body += text
        }
        body += try FlatTable.compile(RoutingTable(generation: result.generation, routes: changed))
        var bytes = Self.magic
        for number in [Self.formatVersion, UInt64(removed.count), XXH64.hash(body)] { Self.put(number, &bytes) }
        return bytes + body
    }

    /// Takes bytes from outside.
    ///
    /// - Throws: `TurnoutError` with code `invalid` unless they are what `bytes()` makes of some change.
    package init(validating bytes: [UInt8]) throws(TurnoutError) {
        guard bytes.count >= Self.headerBytes + 32, Array(bytes.prefix(8)) == Self.magic,
            Self.number(bytes, 8) == Self.formatVersion
        else { throw TurnoutError(.invalid, "This is not a change of a routing table that this version can read.") }
        guard Self.number(bytes, 24) == XXH64.hash(bytes[Self.headerBytes...]) else { throw Self.damaged }
        base = TableMark(generation: Self.number(bytes, 32), digest: Self.number(bytes, 40))
        result = TableMark(generation: Self.number(bytes, 48), digest: Self.number(bytes, 56))
        var at = 64
        var removed: [EndpointName] = []
        for _ in 0..<Self.number(bytes, 16) {
            guard at < bytes.count, at + 1 + Int(bytes[at]) <= bytes.count else { throw Self.damaged }
            let end = at + 1 + Int(bytes[at])
            removed.append(try EndpointName(validating: String(decoding: bytes[(at + 1)..<end], as: UTF8.self)))
            at = end
        }
        let table = try FlatTable(validating: Array(bytes[at...])).routingTable
        guard table.generation == result.generation, base.generation < result.generation else { throw Self.damaged }
        changed = table.routes
        self.removed = removed
    }

    private static let damaged = TurnoutError(.invalid, "The change of a routing table is damaged.")

    private static func put(_ number: UInt64, _ bytes: inout [UInt8]) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
    }
}
