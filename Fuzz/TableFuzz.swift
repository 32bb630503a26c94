import Resources
import Splitting

/// The decoders of what comes from the control plane or from disk: any bytes are refused with an error, or taken for
/// exactly one table or change, whose bytes they are.
enum TableFuzz {
    static func table(_ input: [UInt8]) {
        var bytes = changed(input, exampleTable)
        if bytes.count > 32, input.last != 0xff {
            put(XXH64.hash(bytes[32...], seed: UInt64(bytes.count)), in: &bytes, at: 24)
        }
        guard let table = try? FlatTable(validating: bytes) else { return }
        check((try? table.bytes()) == bytes, "a table has one binary form")
    }

    static func delta(_ input: [UInt8]) {
        var bytes = changed(input, exampleDelta)
        if bytes.count > 104, input.last != 0xff {
            let table = bytes.count - exampleTable.count
            if table > 64 {
                put(
                    XXH64.hash(bytes[(table + 32)...], seed: UInt64(exampleTable.count)), in: &bytes, at: table + 24)
            }
            put(XXH64.hash(bytes[32...]), in: &bytes, at: 24)
        }
        guard let delta = try? TableDelta(validating: bytes) else { return }
        check((try? delta.bytes()) == bytes, "a change has one binary form")
    }

    /// The input as it is, or, where it begins with an odd byte, a valid example with bytes changed as the input says:
    /// each three name a place and what stands there.
    private static func changed(_ input: [UInt8], _ example: [UInt8]) -> [UInt8] {
        guard let first = input.first, first & 1 == 1 else { return input }
        var bytes = example
        for at in stride(from: 1, to: input.count - 2, by: 3) {
            let place = Int(input[at]) << 8 | Int(input[at + 1])
            if place < bytes.count { bytes[place] = input[at + 2] }
        }
        return bytes
    }

    private static func put(_ number: UInt64, in bytes: inout [UInt8], at offset: Int) {
        for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index)) }
    }

    // MARK: Examples

    private static let exampleTable: [UInt8] = made {
        try FlatTable.compile(RoutingTable(generation: 7, routes: [route()]))
    }

    private static let exampleDelta: [UInt8] = made {
        var routes = try RouteSet([])
        return try TableDelta(
            from: TableMark(generation: 6, digest: 0), changing: &routes, to: 7, changed: [route()],
            removed: [EndpointName(validating: "gone")]
        ).bytes()
    }

    private static func made(_ bytes: () throws -> [UInt8]) -> [UInt8] {
        do { return try bytes() } catch { fatalError("no example: \(error)") }
    }

    private static func route() throws -> RoutingTable.Route {
        func arm(_ name: String, _ version: Int, _ range: BucketRange?, _ ports: [UInt16]) throws -> RoutingTable.Arm {
            RoutingTable.Arm(
                name: try VariantName(validating: name),
                version: VersionReference(model: try ModelName(validating: "fraud"), version: version),
                ranges: range.map { [$0] } ?? [], backends: ports.map { Backend(host: "127.0.0.1", port: $0) })
        }
        return RoutingTable.Route(
            endpoint: try EndpointName(validating: "fraud"), revision: 3, hosts: ["fraud.example.com", "*"],
            routingKey: RoutingKey(source: .header, name: "x-user-id"), salt: "fraud", timeout: .seconds(20),
            retry: RetryPolicy(), health: HealthCheck(path: "/ready"),
            overrides: [
                RoutingOverride(header: "x-try", value: "yes", variant: try VariantName(validating: "challenger"))
            ],
            variants: [
                try arm("champion", 1, BucketRange(0, 9000), [9101, 9102]),
                try arm("challenger", 2, BucketRange(9000, 10_000), [9103]),
            ])
    }
}
