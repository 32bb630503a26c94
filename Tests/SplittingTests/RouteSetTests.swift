import Resources
import Splitting
import Testing

@Suite("Tables that change step by step")
struct RouteSetTests {
    /// A route whose content depends on `seed` in all that a step may change.
    private static func route(_ name: String, _ seed: Int, hosts: [String] = []) throws -> RoutingTable.Route {
        let cut = 1 + seed % 9999
        let ranges = [BucketRange(0, cut), BucketRange(cut, 10_000)].compactMap { $0 }
        return RoutingTable.Route(
            endpoint: try EndpointName(validating: name), revision: seed, hosts: hosts, routingKey: nil, salt: name,
            timeout: .seconds(1), retry: RetryPolicy(), health: nil, overrides: [],
            variants: try ranges.enumerated().map { index, range in
                RoutingTable.Arm(
                    name: try VariantName(validating: "v\(index)"),
                    version: VersionReference(model: try ModelName(validating: "m"), version: index + 1),
                    ranges: [range], backends: [Backend(host: "10.0.0.\(seed % 250)", port: 80)])
            })
    }

    @Test("Whatever was changed on the way, equal tables have equal digests, and the steps lead to the same table")
    func steps() throws {
        var random = SystemRandomNumberGenerator()
        var (leader, follower) = (RouteSet(), RouteSet())
        var mark = TableMark(generation: 0, digest: leader.digest(generation: 0))
        for generation in UInt64(1)...200 {
            let names = Set((0..<Int.random(in: 1...4, using: &random)).map { _ in "e\(Int.random(in: 0..<20))" })
            let isRemoval = generation % 5 == 0
            let changed = try isRemoval ? [] : names.map { try Self.route($0, Int.random(in: 1..<10_000)) }
            let removed = try isRemoval ? names.map { try EndpointName(validating: $0) } : []
            let delta = try TableDelta(
                from: mark, changing: &leader, to: generation, changed: changed, removed: removed)
            let received = try TableDelta(validating: delta.bytes())
            #expect(received == delta)
            try received.apply(to: &follower)
            mark = delta.result
            let table = try FlatTable(leader.table(generation: generation))
            #expect(FlatTable(follower, generation: generation) == table)
            #expect(table.digest == mark.digest)
            #expect(try FlatTable(validating: table.bytes()).digest == mark.digest)
        }
        #expect(leader.digest(generation: 200) != leader.digest(generation: 201))
    }

    @Test("A step that is made to another table than its base is noticed")
    func wrongBase() throws {
        var routes = try RouteSet([Self.route("a", 1), Self.route("b", 2)])
        let mark = TableMark(generation: 1, digest: routes.digest(generation: 1))
        let delta = try TableDelta(from: mark, changing: &routes, to: 2, changed: [Self.route("a", 3)], removed: [])
        var other = try RouteSet([Self.route("a", 1), Self.route("b", 9)])
        let error = #expect(throws: TurnoutError.self) { try delta.apply(to: &other) }
        #expect(error?.code == .conflict)
    }

    @Test("A host moves from one endpoint to another in one step, but never belongs to two")
    func hosts() throws {
        var routes = try RouteSet([Self.route("a", 1, hosts: ["x"]), Self.route("b", 1)])
        #expect(throws: TurnoutError.self) { try routes.change([Self.route("b", 2, hosts: ["x"])], removing: []) }
        #expect(routes[try EndpointName(validating: "b")]?.route.revision == 1)
        #expect(throws: TurnoutError.self) {
            try routes.change([Self.route("c", 2, hosts: ["y"]), Self.route("d", 2, hosts: ["y"])], removing: [])
        }
        try routes.change([Self.route("a", 2), Self.route("b", 2, hosts: ["x"])], removing: [])
        try routes.change([Self.route("c", 1, hosts: ["x"])], removing: [EndpointName(validating: "b")])
        #expect(routes.count == 2)
    }

    @Test("A damaged step is refused at whatever byte it is damaged")
    func damage() throws {
        var routes = try RouteSet([Self.route("a", 1), Self.route("gone", 1)])
        let delta = try TableDelta(
            from: TableMark(generation: 4, digest: 7), changing: &routes, to: 5, changed: [Self.route("a", 2)],
            removed: [EndpointName(validating: "gone")])
        let bytes = try delta.bytes()
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x10
            #expect(throws: TurnoutError.self, "byte \(index)") { try TableDelta(validating: damaged) }
            #expect(throws: TurnoutError.self, "cut at \(index)") { try TableDelta(validating: Array(bytes[..<index])) }
        }
    }
}
