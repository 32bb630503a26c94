import ControlPlane
import Foundation
import Logging
import Postgres
import Reconciler
import RegistryStore
import Resources
import Signals
import Splitting
import TestSupport

/// A registry with a model of two versions, and what a reconciler makes of it.
struct ReconcilerFixture: Sendable {
    static let fraud = EndpointName(unchecked: "fraud")
    static let caller = Caller(actor: "ada", role: .admin)

    let controlPlane: ControlPlane
    let database: TestDatabase

    var store: RegistryStore { controlPlane.store }

    static func with(_ body: (ReconcilerFixture) async throws -> Void) async throws {
        try await TestDatabase.withSchema { database in
            let controlPlane = ControlPlane(
                store: RegistryStore(pool: database.pool),
                artifactStore: ArtifactStore(directory: FileManager.default.temporaryDirectory.path),
                logger: TestDatabase.quietLogger)
            let model = ModelName(unchecked: "fraud")
            _ = try await controlPlane.createModel(ModelDraft(name: model), by: caller)
            for _ in 0..<2 { _ = try await controlPlane.registerVersion(of: model, VersionDraft(), by: caller) }
            try await body(ReconcilerFixture(controlPlane: controlPlane, database: database))
        }
    }

    func apply(_ champion: Int, _ challenger: Int) async throws {
        func variant(_ name: String, _ version: Int, _ traffic: Int) throws -> DeclaredVariant {
            DeclaredVariant(
                name: VariantName(unchecked: name),
                model: .version(VersionReference(model: ModelName(unchecked: "fraud"), version: version)),
                traffic: Share(buckets: traffic * 100) ?? .zero,
                backends: [try BackendTemplate(parsing: "http://127.0.0.1:\(9000 + version)")])
        }
        let endpoint = DeclaredEndpoint(
            name: Self.fraud,
            spec: DeclaredSpec(variants: [
                try variant("champion", 1, champion), try variant("challenger", 2, challenger),
            ]))
        _ = try await controlPlane.apply(ApplyRequest(endpoints: [endpoint]), by: Self.caller)
    }

    func promote(_ share: Int, holdFor: Interval? = nil) async throws {
        _ = try await controlPlane.promote(
            Self.fraud,
            PromoteRequest(
                variant: VariantName(unchecked: "challenger"), traffic: Share(buckets: share * 100),
                holdFor: holdFor),
            by: Self.caller)
    }

    func reconciler(
        _ holder: String, period: Duration = .seconds(2), leaseDuration: Duration = .seconds(5)
    ) -> (Reconciler, Activator) {
        var configuration = Reconciler.Configuration(holder: holder)
        configuration.period = period
        configuration.leaseDuration = leaseDuration
        let activator = Activator()
        return (
            Reconciler(
                store: store, configuration: configuration, activator: activator, logger: TestDatabase.quietLogger),
            activator
        )
    }

    /// Runs the reconciler during `body`, and stops it as a server does.
    func running(_ reconciler: Reconciler, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reconciler.run() }
            defer { reconciler.stop() }
            try await body()
            reconciler.stop()
            try await group.waitForAll()
        }
    }

    func lease(_ holder: String, now: Timestamp? = nil) async throws -> Lease {
        switch try await store.acquireLease("reconciler", holder: holder, for: .seconds(5), now: now) {
        case .held(let lease): return lease
        case .taken(let by, _): throw TurnoutError(.conflict, "The lease is \(by)'s.")
        }
    }

    /// The newest table, as a proxy reads it.
    func table() async throws -> RoutingTable? {
        var routes = RouteSet()
        var generation: Int?
        for published in try await store.routingTables() {
            generation = published.generation
            if let body = published.body {
                routes = try FlatTable(validating: body).routes
            } else {
                try TableDelta(validating: published.delta ?? []).apply(to: &routes)
            }
        }
        return generation.map { routes.table(generation: UInt64($0)) }
    }

    func eventuallyServed(release: Int) async throws {
        try await eventually("release \(release) in a table") {
            try await store.routingTableMark()?.release == release
        }
    }

    func epochs() async throws -> [Int] {
        try await database.pool.query("SELECT epoch FROM routing_table ORDER BY generation").map {
            try $0.decode("epoch")
        }
    }

    func generations() async throws -> [Int] {
        try await database.pool.query("SELECT generation FROM routing_table ORDER BY generation").map {
            try $0.decode("generation")
        }
    }
}
