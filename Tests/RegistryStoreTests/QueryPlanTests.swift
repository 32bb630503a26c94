import Postgres
import RegistryStore
import Resources
import Synchronization
import TestSupport
import Testing

/// Runs each statement, and keeps its plan.
private final class ExplainedQueries: RegistryQueries {
    private let store: RegistryStore
    private let plans = Mutex<[String]>([])

    init(_ store: RegistryStore) { self.store = store }

    var scanned: [String] { plans.withLock { $0.filter { $0.contains("Seq Scan") } } }
    var count: Int { plans.withLock { $0.count } }

    func query(_ sql: String, _ parameters: [any PostgresEncodable]) async throws -> [PostgresRow] {
        // A sequential scan costs so much then that only a statement without any index takes one.
        let lines = try await store.transaction(writesAudit: false) { transaction in
            try await transaction.execute("SET LOCAL enable_seqscan = off")
            return try await transaction.query("EXPLAIN \(sql)", parameters).map { row in
                try row.decode("QUERY PLAN", as: String.self)
            }
        }
        plans.withLock { $0.append(([sql] + lines).joined(separator: "\n")) }
        return try await store.query(sql, parameters)
    }
}

@Suite struct QueryPlanTests {
    @Test("Every read of the registry's nouns is served by an index")
    func indexes() async throws {
        try await TestDatabase.withSchema { database in
            let queries = ExplainedQueries(RegistryStore(pool: database.pool))
            let name = try ModelName(validating: "fraud")
            let alias = try AliasName(validating: "champion")
            let digest = try ArtifactDigest(validating: "sha256:" + String(repeating: "a", count: 64))
            _ = try await queries.model(name)
            _ = try await queries.models(after: "a", limit: 10)
            _ = try await queries.version(VersionReference(model: name, version: 1))
            _ = try await queries.versions(of: name, before: 7, limit: 10)
            _ = try await queries.alias(name, alias)
            _ = try await queries.aliases(of: name, after: "a", limit: 10)
            _ = try await queries.aliasChanges(name, alias, before: 7, limit: 10)
            _ = try await queries.endpoints(using: 1, version: 1)
            _ = try await queries.endpoints(using: 1, version: nil)
            _ = try await queries.artifact(digest)
            _ = try await queries.artifacts(after: nil, limit: 10)
            _ = try await queries.versions(with: digest, limit: 10)
            _ = try await queries.auditEntries(subject: nil, before: 7, limit: 10)
            _ = try await queries.auditEntries(subject: "fraud", before: 7, limit: 10)
            _ = try await queries.auditEntries(after: 7, limit: 10)
            _ = try await queries.auditChainEnd()
            _ = try await queries.token("0123456789ab")
            _ = try await queries.tokens(after: nil, limit: 10)
            _ = try await queries.hasUsableToken(at: Timestamp(microseconds: 0))
            _ = try await queries.recordedAnswer(to: IdempotencyKey(validating: "k"), by: "ada")
            #expect(queries.count == 20)
            #expect(queries.scanned == [])
        }
    }

    @Test("Every read of endpoints, releases, holds, tables and proxies is served by an index")
    func endpointIndexes() async throws {
        try await TestDatabase.withSchema { database in
            let queries = ExplainedQueries(RegistryStore(pool: database.pool))
            let fraud = try EndpointName(validating: "fraud")
            let moment = Timestamp(microseconds: 0)
            _ = try await queries.endpointHeads([fraud])
            _ = try await queries.endpointHeads()
            _ = try await queries.endpointHeadsWithExpiredHold(at: moment)
            _ = try await queries.endpointNames()
            _ = try await queries.endpointNames(after: "a", limit: 10)
            _ = try await queries.endpointNames(ofSource: "github.com/acme/models//endpoints")
            _ = try await queries.hostOwners(["fraud.internal"], except: [fraud])
            _ = try await queries.holds(of: fraud, before: 7, limit: 10)
            _ = try await queries.releaseMoment()
            _ = try await queries.registryID()
            _ = try await queries.release(1)
            _ = try await queries.releases(before: 7, limit: 10)
            _ = try await queries.changes(of: [fraud], since: 1)
            _ = try await queries.revision(1, of: fraud)
            _ = try await queries.revisions(of: fraud, before: 7, limit: 10)
            _ = try await queries.activeRevision(of: fraud, at: moment)
            _ = try await queries.formerRevision(than: Self.revision(of: fraud))
            _ = try await queries.endpointsChanged(afterRelease: 1)
            _ = try await queries.activeRevisions(of: [fraud], atRelease: 1)
            _ = try await queries.activeRevisions(atRelease: 1)
            _ = try await queries.activeRevisions()
            _ = try await queries.activeRevisions(of: [fraud])
            _ = try await queries.routingTables(after: 1)
            _ = try await queries.routingTableMark()
            _ = try await queries.proxies()
            _ = try await queries.convergence(1)
            _ = try await queries.verdicts()
            let selectors = ["fraud/1", "fraud@champion"].map { try? VersionSelector(parsing: $0) }
            _ = try await queries.resolve(Set(selectors.compactMap(\.self)))
            _ = try await queries.modelNames()
            _ = try await queries.aliasNames(of: ModelName(validating: "fraud"))
            // Some are two statements each.
            #expect(queries.count == 34)
            #expect(queries.scanned == [])
        }
    }

    private static func revision(of endpoint: EndpointName) -> Revision {
        Revision(
            endpoint: endpoint, number: 7, release: 7, origin: .apply, active: true, restores: nil,
            content: Endpoint(name: endpoint, spec: EndpointSpec(variants: [])), digest: "", ranges: [:], actor: "ada",
            reason: nil, commit: nil, createdAt: Timestamp(microseconds: 0))
    }
}
