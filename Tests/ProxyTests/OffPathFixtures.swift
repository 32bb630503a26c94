import Foundation
import Proxy
import Resources
import Splitting
import Synchronization

/// A directory that goes with its owner.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = "\(NSTemporaryDirectory())turnout-offpath-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

enum SampleTable {
    static let champion = Backend(host: "127.0.0.1", port: 9001)
    static let check = HealthCheck(path: "/ready")
    static let challenger = Backend(host: "scorer.test", port: 9002)

    static func make(generation: UInt64) throws -> FlatTable {
        try FlatTable(RoutingTable(generation: generation, routes: [route("fraud", hosts: ["fraud.internal"])]))
    }

    static func route(_ endpoint: String, hosts: [String]) throws -> RoutingTable.Route {
        let ranges = try [require(BucketRange(0, 9000)), require(BucketRange(9000, 10_000))]
        return RoutingTable.Route(
            endpoint: try EndpointName(validating: endpoint), revision: 3, hosts: hosts,
            routingKey: RoutingKey(source: .header, name: "x-user-id"), salt: "fraud", timeout: .seconds(1),
            retry: RetryPolicy(), health: check,
            overrides: [
                RoutingOverride(
                    header: "x-canary", value: "in\"side\\r", variant: try VariantName(validating: "challenger"))
            ],
            variants: [
                try arm("champion", 12, [ranges[0]], champion), try arm("challenger", 13, [ranges[1]], challenger),
            ])
    }

    private static func arm(
        _ name: String, _ version: Int, _ ranges: [BucketRange], _ backend: Backend
    ) throws -> RoutingTable.Arm {
        RoutingTable.Arm(
            name: try VariantName(validating: name),
            version: VersionReference(model: try ModelName(validating: "fr\"aud"), version: version), ranges: ranges,
            backends: [backend])
    }

    private static func require<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw TurnoutError(.internal, "The fixture is wrong.") }
        return value
    }
}

/// A value that several threads write and read.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    func get() -> Value { value.withLock { $0 } }
    func set(_ new: Value) { value.withLock { $0 = new } }
    func change(_ body: (inout Value) -> Void) { value.withLock { body(&$0) } }
}
