import Logging
import Proxy
import Resources
import Splitting
import TestSupport

/// A running proxy with two scorers behind one endpoint, `fraud`: version 1 with 90 % and version 2 with 10 %.
final class ProxyFixture {
    let champion: StubScorer
    let challenger: StubScorer
    let proxy: Proxy

    init(
        threads: Int = 1, configure: (inout ProxyConfiguration) -> Void = { _ in },
        route: (inout RoutingTable.Route) -> Void = { _ in }
    ) throws {
        champion = try StubScorer(version: "1")
        challenger = try StubScorer(version: "2")
        var configuration = ProxyConfiguration()
        configuration.port = 0
        configuration.threads = threads
        configure(&configuration)
        proxy = try Proxy(
            configuration: configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try proxy.install(table: try table(generation: 1, route: route))
        try proxy.start()
    }

    deinit {
        proxy.stop()
        champion.stop()
        challenger.stop()
    }

    var port: UInt16 { proxy.boundPort }

    func client(receiveBuffer: Int32? = nil) throws -> ScoringClient {
        try ScoringClient(port: port, receiveBuffer: receiveBuffer)
    }

    func table(
        generation: UInt64, challenger share: Int = 1000, route edit: (inout RoutingTable.Route) -> Void = { _ in }
    ) throws -> FlatTable {
        var route = try Self.route(
            endpoint: "fraud",
            arms: [
                Self.arm("champion", version: 1, [BucketRange(0, 10_000 - share)], [champion]),
                Self.arm("challenger", version: 2, [BucketRange(10_000 - share, 10_000)], [challenger]),
            ])
        edit(&route)
        return try FlatTable(RoutingTable(generation: generation, routes: [route]))
    }

    static func route(endpoint: String, arms: [RoutingTable.Arm]) throws -> RoutingTable.Route {
        RoutingTable.Route(
            endpoint: try EndpointName(validating: endpoint), revision: 1, hosts: [],
            routingKey: RoutingKey(source: .header, name: "x-user-id"), salt: endpoint, timeout: .seconds(20),
            retry: RetryPolicy(), health: nil, overrides: [], variants: arms)
    }

    /// A proxy with one endpoint of one variant on several scorers; backends that come anew get their part at once.
    static func proxy(
        over scorers: [StubScorer], configure: (inout ProxyConfiguration) -> Void = { _ in },
        route edit: (inout RoutingTable.Route) -> Void = { _ in }
    ) throws -> Proxy {
        var route = try route(endpoint: "fraud", over: scorers)
        edit(&route)
        return try proxy(routes: [route], configure: configure)
    }

    /// An endpoint of one variant.
    static func route(endpoint: String, over scorers: [StubScorer]) throws -> RoutingTable.Route {
        try route(endpoint: endpoint, arms: [arm("champion", version: 1, [BucketRange(0, 10_000)], scorers)])
    }

    static func proxy(
        routes: [RoutingTable.Route], configure: (inout ProxyConfiguration) -> Void = { _ in }
    ) throws -> Proxy {
        var configuration = ProxyConfiguration()
        configuration.port = 0
        configuration.slowStart = .zero
        configure(&configuration)
        let proxy = try Proxy(
            configuration: configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try proxy.install(table: FlatTable(RoutingTable(generation: 1, routes: routes)))
        try proxy.start()
        return proxy
    }

    static func arm(
        _ name: String, version: Int, _ ranges: [BucketRange?], _ scorers: [StubScorer]
    ) throws -> RoutingTable.Arm {
        try arm(name, version: version, ranges, ports: scorers.map(\.port))
    }

    static func arm(
        _ name: String, version: Int, _ ranges: [BucketRange?], ports: [UInt16]
    ) throws -> RoutingTable.Arm {
        RoutingTable.Arm(
            name: try VariantName(validating: name),
            version: VersionReference(model: try ModelName(validating: "fraud"), version: version),
            ranges: ranges.compactMap { $0 }, backends: ports.map { Backend(host: "127.0.0.1", port: $0) })
    }
}

/// The text of a request to `fraud`.
func request(
    _ path: String = "/fraud/score", user: String? = "user-1", method: String = "POST", headers: [String] = [],
    body: String? = "{}"
) -> String {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: proxy"]
    if let user { lines.append("x-user-id: \(user)") }
    lines += headers
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
}

/// Some user whose bucket lies in a range.
func user(of endpoint: String = "fraud", in buckets: Range<Int>) -> String {
    var number = 0
    while !buckets.contains(Bucket.of(key: "user-\(number)", salt: endpoint)) { number += 1 }
    return "user-\(number)"
}
