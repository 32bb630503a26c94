import Resources
import Splitting

/// Makes valid tables of every kind from a seed.
struct TableGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func number(_ range: Range<Int>) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return range.lowerBound + Int((state &* 0x2545_f491_4f6c_dd1d) >> 33) % range.count
    }

    mutating func table(endpoints: Int) throws -> RoutingTable {
        var routes: [RoutingTable.Route] = []
        for index in 0..<endpoints { routes.append(try route(index)) }
        return RoutingTable(generation: UInt64(number(1..<1_000_000)), routes: routes)
    }

    private mutating func route(_ index: Int) throws -> RoutingTable.Route {
        let variants = try arms(number(1..<6))
        let names = variants.map(\.name)
        let onMissing: [RoutingKey.OnMissing] = [.random, .reject, .variant(names[number(0..<names.count)])]
        let sources = RoutingKey.Source.allCases
        // What only the third format can say.
        let isThird = number(0..<3) == 0
        return RoutingTable.Route(
            endpoint: try EndpointName(validating: "endpoint-\(index)"), revision: number(1..<1000),
            hosts: (0..<number(0..<3)).map { "h\($0).e\(index).internal" } + (index == 3 ? ["*"] : []),
            routingKey: number(0..<4) == 0
                ? nil
                : RoutingKey(
                    source: sources[number(0..<sources.count)], name: "key-\(number(0..<9))",
                    onMissing: onMissing[number(0..<3)]),
            salt: ["", "endpoint-\(index)", "sålt:\(number(0..<9))"][number(0..<3)],
            timeout: Interval(milliseconds: number(0..<100_000)),
            retry: RetryPolicy(
                attempts: number(0..<11), on: conditions(isThird),
                budget: Share(buckets: number(0..<10_001)) ?? .zero,
                perTryTimeout: isThird ? Interval(milliseconds: number(1..<3_600_001)) : nil,
                // What only the fourth can say.
                hedgeAfter: number(0..<5) == 0 ? Interval(milliseconds: number(1..<3_600_001)) : nil),
            limits: limits(isThird),
            health: number(0..<2) == 0
                ? nil : HealthCheck(path: "/ready", every: .seconds(number(1..<9)), unhealthyAfter: number(1..<5)),
            overrides: (0..<number(0..<3)).map {
                RoutingOverride(header: "x-\($0)", value: "välue \($0)", variant: names[number(0..<names.count)])
            },
            variants: variants)
    }

    private mutating func conditions(_ isThird: Bool) -> [RetryPolicy.Condition] {
        isThird
            ? RetryPolicy.Condition.allCases.filter { _ in number(0..<2) == 0 }
            : [[], [.connect], [.connect, .unavailable]][number(0..<3)]
    }

    private mutating func limits(_ isThird: Bool) -> EndpointLimits? {
        let limits = EndpointLimits(
            maxConcurrency: number(0..<2) == 0 ? nil : number(1..<1_000_001),
            maxConnectionsPerBackend: number(0..<2) == 0 ? nil : number(1..<1_000_001))
        return isThird && limits != EndpointLimits() ? limits : nil
    }

    private mutating func arms(_ count: Int) throws -> [RoutingTable.Arm] {
        var ranges: [[BucketRange]] = Array(repeating: [], count: count)
        var lower = 0
        while lower < BucketRange.bucketCount {
            let upper = min(BucketRange.bucketCount, lower + number(1..<4000))
            ranges[number(0..<count)] += [BucketRange(lower, upper)].compactMap { $0 }
            lower = upper
        }
        return try ranges.enumerated().map { index, ranges in
            RoutingTable.Arm(
                name: try VariantName(validating: "variant-\(index)"),
                version: VersionReference(model: try ModelName(validating: "mödel x"), version: number(1..<100)),
                ranges: ranges,
                backends: (0..<number(1..<4)).map { Backend(host: "scorer-\($0)", port: UInt16(number(1..<60_000))) })
        }
    }
}
