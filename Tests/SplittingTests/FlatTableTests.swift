import Resources
import Splitting
import Testing

@Suite struct FlatTableTests {
    @Test("Any table comes back from its bytes as it went in, and gives the same bytes again", arguments: 0..<60)
    func roundTrip(seed: UInt64) throws {
        var random = TableGenerator(seed: seed)
        let table = try random.table(endpoints: Int(seed) % 17)
        let flat = try FlatTable(table)
        #expect(flat.routingTable == table)
        let read = try FlatTable(validating: flat.bytes())
        #expect(read.routingTable == table)
        #expect(try FlatTable.compile(table) == flat.bytes())
        #expect(read.digest == flat.digest)
    }

    @Test("A table that uses nothing new is written in the second format, and keeps the digest that it always had")
    func secondFormat() throws {
        let champion = try VariantName(validating: "champion")
        let challenger = try VariantName(validating: "challenger")
        func arm(
            _ name: VariantName, _ version: Int, _ range: ClosedRange<Int>, _ ports: [UInt16]
        ) throws -> RoutingTable.Arm {
            RoutingTable.Arm(
                name: name, version: VersionReference(model: try ModelName(validating: "fraud"), version: version),
                ranges: [BucketRange(range.lowerBound, range.upperBound)].compactMap { $0 },
                backends: ports.map { Backend(host: "127.0.0.1", port: $0) })
        }
        var route = RoutingTable.Route(
            endpoint: try EndpointName(validating: "fraud"), revision: 1, hosts: ["fraud.internal"],
            routingKey: RoutingKey(source: .header, name: "x-user-id", onMissing: .variant(champion)), salt: "fraud",
            timeout: Interval(milliseconds: 250),
            retry: RetryPolicy(attempts: 2, on: [.connect, .unavailable], budget: Share(buckets: 1000) ?? .zero),
            health: HealthCheck(path: "/ready"),
            overrides: [RoutingOverride(header: "x-canary", value: "insider", variant: challenger)],
            variants: [
                try arm(champion, 12, 1000...10_000, [9001]), try arm(challenger, 13, 0...1000, [9002, 9001]),
            ])
        let second = try FlatTable(RoutingTable(generation: 1, routes: [route]))
        #expect(try second.bytes()[8] == 2)
        // Proxies and servers of different versions hold it against each other's.
        #expect(second.digest == 0xc65d_61df_8367_d056)
        route.limits = EndpointLimits(maxConcurrency: 100, maxConnectionsPerBackend: 7)
        route.retry.on = [.connect, .reset, .gatewayTimeout]
        route.retry.perTryTimeout = Interval(milliseconds: 90)
        let third = try FlatTable(RoutingTable(generation: 1, routes: [route]))
        #expect(try third.bytes()[8] == 3)
        #expect(third.digest != second.digest)
        #expect(try FlatTable(validating: third.bytes()).routingTable.routes == [route])
        let block = try #require(third.routes.compiled.first).value
        #expect(block.view.maxConcurrency == 100 && block.view.maxConnectionsPerBackend == 7)
        #expect(block.view.perTryTimeoutMilliseconds == 90)
        #expect(block.view.retriesOnConnect && block.view.retriesOnReset && block.view.retries(onStatus: 504))
        #expect([500, 502, 503].allSatisfy { !block.view.retries(onStatus: $0) })
        let plain = try #require(second.routes.compiled.first).value
        #expect(plain.view.maxConcurrency == 0 && plain.view.maxConnectionsPerBackend == 0)
        #expect(plain.view.perTryTimeoutMilliseconds == 0 && plain.view.retries(onStatus: 503))
        #expect(plain.view.retriesOnConnect && !plain.view.retriesOnReset)
        #expect(plain.view.patienceMilliseconds == 0 && block.view.patienceMilliseconds == 90)
        #expect(plain.view.hedgeAfterMilliseconds == 0 && block.view.hedgeAfterMilliseconds == 0)
        // Proxies that know no later format hold it against theirs.
        #expect(third.digest == 0x597b_803f_22d4_d6ff)
        route.retry.hedgeAfter = Interval(milliseconds: 20)
        let fourth = try FlatTable(RoutingTable(generation: 1, routes: [route]))
        #expect(try fourth.bytes()[8] == 4)
        #expect(try FlatTable(validating: fourth.bytes()).routingTable.routes == [route])
        let hedged = try #require(fourth.routes.compiled.first).value.view
        #expect(hedged.hedgeAfterMilliseconds == 20 && hedged.patienceMilliseconds == 20)
        #expect(hedged.perTryTimeoutMilliseconds == 90)
        #expect(hedged.maxConcurrency == 100 && hedged.maxConnectionsPerBackend == 7)
    }

    @Test("A table of a format that is not known is refused, and the refusal names it")
    func laterFormat() throws {
        var random = TableGenerator(seed: 2)
        var bytes = try FlatTable.compile(random.table(endpoints: 2))
        bytes[8] = 5
        let error = #expect(throws: TurnoutError.self) { try FlatTable(validating: bytes) }
        #expect(error?.message.contains("format 5") == true)
    }

    @Test("The order in which endpoints come does not change the bytes")
    func order() throws {
        var random = TableGenerator(seed: 7)
        let table = try random.table(endpoints: 12)
        let shuffled = RoutingTable(generation: table.generation, routes: table.routes.reversed())
        #expect(try FlatTable.compile(shuffled) == FlatTable.compile(table))
    }

    @Test("No table with a flipped bit is taken for a table")
    func flippedBits() throws {
        var random = TableGenerator(seed: 3)
        let bytes = try FlatTable.compile(random.table(endpoints: 3))
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1 << UInt8(index % 8)
            #expect(throws: TurnoutError.self) { try FlatTable(validating: damaged) }
        }
    }

    @Test("Damage is refused even when the checksum was made to fit", arguments: 0..<40)
    func forgedChecksum(seed: UInt64) throws {
        var random = TableGenerator(seed: seed)
        let table = try random.table(endpoints: 4)
        let bytes = try FlatTable.compile(table)
        for _ in 0..<50 {
            var forged = bytes
            let index = random.number(32..<bytes.count)
            forged[index] = UInt8(truncatingIfNeeded: random.number(0..<256))
            let checksum = XXH64.hash(forged[32...], seed: UInt64(forged.count))
            for byte in 0..<8 { forged[24 + byte] = UInt8(truncatingIfNeeded: checksum >> UInt64(8 * byte)) }
            // A change may make another valid table, but never one that is read otherwise than it is written.
            if let read = try? FlatTable(validating: forged) {
                #expect(try FlatTable.compile(read.routingTable) == forged)
            }
        }
    }

    @Test("Tables that are cut short or grow are refused")
    func lengths() throws {
        var random = TableGenerator(seed: 5)
        let bytes = try FlatTable.compile(random.table(endpoints: 2))
        for count in stride(from: 0, to: bytes.count, by: 3) {
            #expect(throws: TurnoutError.self) { try FlatTable(validating: Array(bytes.prefix(count))) }
        }
        #expect(throws: TurnoutError.self) { try FlatTable(validating: bytes + [0]) }
    }

    @Test("A view reads of each route what the table says of it", arguments: 0..<10)
    func lookups(seed: UInt64) throws {
        var random = TableGenerator(seed: seed)
        let table = try random.table(endpoints: 25)
        let flat = try FlatTable(table)
        for route in table.routes {
            let block = try #require(flat.routes[route.endpoint])
            #expect(block.view.name.string == route.endpoint.rawValue)
            #expect((0..<block.view.hostCount).map { block.view.host($0).string } == route.hosts)
            for _ in 0..<50 {
                let bucket = random.number(0..<10_000)
                let arm = block.view.arm(bucket: bucket)
                let owner = try #require(route.variants.first { $0.ranges.contains { $0.contains(bucket) } })
                #expect(block.view.variantName(arm).string == owner.name.rawValue)
                #expect(block.view.version(arm) == UInt64(owner.version.version))
                let backends = (0..<block.view.backendCount(arm)).map {
                    block.view.authority(backend: block.view.backend(arm, $0)).string
                }
                #expect(backends == owner.backends.map(\.authority))
            }
        }
    }

    @Test("A table whose variants don't share out every bucket exactly once is refused")
    func partitions() throws {
        var random = TableGenerator(seed: 1)
        let table = try random.table(endpoints: 1)
        var route = table.routes[0]
        for index in route.variants.indices where !route.variants[index].ranges.isEmpty {
            route.variants[index].ranges.removeFirst()
            break
        }
        #expect(throws: TurnoutError.self) { try FlatTable(RoutingTable(generation: 1, routes: [route])) }
    }

    @Test("A host can't belong to two endpoints")
    func sharedHost() throws {
        var random = TableGenerator(seed: 1)
        var routes = try random.table(endpoints: 2).routes
        for index in routes.indices { routes[index].hosts = ["same.internal"] }
        #expect(throws: TurnoutError.self) { try FlatTable(RoutingTable(generation: 1, routes: routes)) }
    }
}
