import ControlPlane
import Foundation
import Logging
import Postgres
import RegistryStore
import Resources
import Synchronization
import TestSupport

/// A control plane on a database and an artifact directory of its own.
struct RegistryFixture: Sendable {
    static let admin = Caller(actor: "ada", role: .admin)
    static let operators = Caller(actor: "olga", role: .operator)
    static let viewer = Caller(actor: "vera", role: .viewer)

    let controlPlane: ControlPlane
    let database: TestDatabase
    let clock: ManualMoment
    let artifactDirectory: String

    var store: RegistryStore { controlPlane.store }

    static func with<Value>(
        maximumArtifactSize: Int64 = 1 << 20, _ body: (RegistryFixture) async throws -> Value
    ) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("turnout-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await TestDatabase.withSchema { database in
            let clock = ManualMoment()
            let controlPlane = ControlPlane(
                store: RegistryStore(pool: database.pool),
                artifactStore: ArtifactStore(directory: directory.path, maximumSize: maximumArtifactSize),
                logger: TestDatabase.quietLogger, now: { clock.now })
            return try await body(
                RegistryFixture(
                    controlPlane: controlPlane, database: database, clock: clock, artifactDirectory: directory.path))
        }
    }

    /// Creates a model with so many versions.
    func addModel(_ name: String = "fraud", versions: Int = 0) async throws -> ModelName {
        let name = try ModelName(validating: name)
        _ = try await controlPlane.createModel(ModelDraft(name: name), by: Self.admin)
        for _ in 0..<versions {
            _ = try await controlPlane.registerVersion(of: name, VersionDraft(), by: Self.admin)
        }
        return name
    }

    /// Makes an endpoint whose live revision sends everything to a version, below the use cases.
    func addEndpoint(_ name: String, using reference: VersionReference) async throws {
        try await store.transaction(writesAudit: false) { transaction in
            try await transaction.execute(
                "INSERT INTO release (number, origin, actor, created_at) SELECT coalesce(max(number), 0) + 1, 'apply', 'ada', now() FROM release"
            )
            try await transaction.execute(
                """
                INSERT INTO endpoint (name, created_at, latest_revision, active_revision, applied_revision, bucket_map)
                VALUES ($1, now(), 1, 1, 1, '{}')
                """, [name])
            try await transaction.execute(
                """
                INSERT INTO endpoint_revision (endpoint, number, release, active, content, digest, ranges, created_at)
                SELECT $1, 1, max(number), true, jsonb_build_object('name', $1::text), repeat('0', 64),
                    '{"all": [[0, 10000]]}', now() FROM release
                """, [name])
            try await transaction.execute(
                """
                INSERT INTO revision_variant (endpoint, revision, name, model_id, version, traffic)
                SELECT $1, 1, 'all', id, $3, 10000 FROM model WHERE name = $2
                """, [name, reference.model.rawValue, reference.version])
        }
    }
}

/// A clock that moves when told, and a microsecond each time it is read, so that moments differ.
final class ManualMoment: Sendable {
    private let moment = Mutex(Timestamp(parsing: "2026-11-01T10:00Z") ?? Timestamp(microseconds: 0))

    var now: Timestamp {
        moment.withLock {
            $0 = Timestamp(microseconds: $0.microseconds + 1)
            return $0
        }
    }

    func advance(by duration: Duration) { moment.withLock { $0 = $0.advanced(by: duration) } }
}

/// The code of the `TurnoutError` that `work` throws, and its message; `nil` when it throws none.
func refusal(_ work: () async throws -> Void) async throws -> TurnoutError? {
    do {
        try await work()
        return nil
    } catch let error as TurnoutError {
        return error
    }
}

/// Bytes as they come from a transport, in pieces.
func chunks(_ bytes: [UInt8], size: Int = 7) -> AsyncStream<[UInt8]> {
    AsyncStream { continuation in
        for start in stride(from: 0, to: bytes.count, by: size) {
            continuation.yield(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        continuation.finish()
    }
}
