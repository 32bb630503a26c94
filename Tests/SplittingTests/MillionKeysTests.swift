import Resources
import Splitting
import Testing

@Suite("A million keys")
struct MillionKeysTests {
    @Test("are split within sampling error, and by the proxy's table as by the map that explains them")
    func areSplitAlike() throws {
        let shares = ["champion": 8550, "challenger": 1200, "lite": 250]
        let names = try shares.keys.sorted().map { try VariantName(validating: $0) }
        var map = try BucketMap().reallocated(to: [names[1]: .all])
        map = try map.reallocated(
            to: Dictionary(uniqueKeysWithValues: names.map { ($0, Share(buckets: shares[$0.rawValue] ?? 0) ?? .zero) }))
        let table = try FlatTable(routingTable(names: names, map: map))

        var counts: [VariantName: Int] = [:]
        let block = try #require(table.routes.compiled.first).value
        let prefix = Array("fraud:user-".utf8)
        for user in 0..<1_000_000 {
            let bucket = (prefix + Array(String(user).utf8)).withUnsafeBytes { Bucket.of(saltedKey: $0) }
            let arm = block.view.arm(bucket: bucket)
            guard let owner = map.owner(of: bucket), names.indices.contains(arm) else {
                Issue.record("bucket \(bucket) has no owner")
                return
            }
            if names[arm] != owner { Issue.record("bucket \(bucket): \(names[arm]) and \(owner)") }
            counts[owner, default: 0] += 1
        }
        for name in names {
            let share = Double(shares[name.rawValue] ?? 0) / 10_000
            // Five standard errors of a share of a million draws.
            let tolerance = 5 * (share * (1 - share) / 1_000_000).squareRoot()
            #expect(abs(Double(counts[name] ?? 0) / 1_000_000 - share) < tolerance, "\(name)")
        }
    }

    private func routingTable(names: [VariantName], map: BucketMap) throws -> RoutingTable {
        let model = try ModelName(validating: "fraud")
        let backend = try Backend(parsing: "http://127.0.0.1:9")
        let arms = names.enumerated().map { index, name in
            RoutingTable.Arm(
                name: name, version: VersionReference(model: model, version: index + 1),
                ranges: map.ranges[name] ?? [], backends: [backend])
        }
        let route = RoutingTable.Route(
            endpoint: try EndpointName(validating: "fraud"), revision: 1, hosts: [], routingKey: nil, salt: "fraud",
            timeout: .seconds(1), retry: RetryPolicy(), health: nil, overrides: [], variants: arms)
        return RoutingTable(generation: 1, routes: [route])
    }
}
