import ControlPlane
import Postgres
import RegistryStore
import Resources
import TestSupport
import Testing

@Suite struct EndpointConcurrencyTests {
    /// Each statement counts what must not be.
    private static let invariants: [(name: String, sql: String)] = [
        (
            "revisions of an endpoint are 1 to n",
            """
            SELECT count(*) AS broken FROM (
                SELECT endpoint FROM endpoint_revision GROUP BY endpoint
                HAVING min(number) <> 1 OR max(number) <> count(*)) AS bad
            """
        ),
        (
            "releases are 1 to n, and the counter is n",
            """
            SELECT count(*) AS broken FROM (SELECT count(*) AS n, coalesce(max(number), 0) AS top FROM release) AS r,
                release_counter AS c
            WHERE r.n <> r.top OR c.number <> r.top
            """
        ),
        (
            "the newest active revision is the endpoint's head",
            """
            SELECT count(*) AS broken FROM endpoint e
            WHERE e.active_revision <> (
                SELECT max(number) FROM endpoint_revision WHERE endpoint = e.name AND active)
            """
        ),
        (
            "the newest revision is the endpoint's counter",
            """
            SELECT count(*) AS broken FROM endpoint e
            WHERE e.latest_revision <> (SELECT max(number) FROM endpoint_revision WHERE endpoint = e.name)
            """
        ),
        (
            "every revision's ranges partition the buckets, with the shares that it says",
            """
            SELECT count(*) AS broken FROM endpoint_revision r
            WHERE NOT is_bucket_partition(r.ranges) OR EXISTS (
                SELECT FROM revision_variant v
                WHERE v.endpoint = r.endpoint AND v.revision = r.number AND v.traffic <> (
                    SELECT coalesce(sum((pair ->> 1)::integer - (pair ->> 0)::integer), 0)
                    FROM jsonb_array_elements(coalesce(r.ranges -> v.name, '[]'::jsonb)) AS pair))
            """
        ),
        (
            "every release has a revision",
            "SELECT count(*) AS broken FROM release r WHERE NOT EXISTS (SELECT FROM endpoint_revision WHERE release = r.number)"
        ),
        (
            "a later revision was made later, in a later release",
            """
            SELECT count(*) AS broken FROM endpoint_revision a
            JOIN endpoint_revision b ON b.endpoint = a.endpoint AND b.number = a.number + 1
            WHERE b.created_at <= a.created_at OR b.release <= a.release
            """
        ),
        (
            "something waits only under a hold",
            """
            SELECT count(*) AS broken FROM endpoint e
            WHERE e.waiting_revision IS NOT NULL
                AND NOT EXISTS (SELECT FROM hold WHERE endpoint = e.name AND ended_at IS NULL)
            """
        ),
        (
            "no apply went live under a hold: who holds is whose change is live",
            """
            SELECT count(*) AS broken FROM endpoint e
            JOIN hold h ON h.endpoint = e.name AND h.ended_at IS NULL
            JOIN endpoint_revision r ON r.endpoint = e.name AND r.number = e.active_revision
            JOIN release l ON l.number = r.release
            WHERE l.origin NOT IN ('promote', 'rollback') AND r.created_at > h.since
            """
        ),
        (
            "every change has its audit entry",
            """
            SELECT count(*) AS broken FROM release r
            WHERE 1 <> (
                SELECT count(*) FROM audit_entry a
                WHERE a.action = 'endpoint.' || r.origin AND a.at = r.created_at AND a.actor = r.actor
                    AND (a.detail ->> 'release')::bigint = r.number)
            """
        ),
    ]

    @Test("16 people changing the same endpoints at once leave a history in which every invariant holds")
    func concurrentChanges() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            let names = ["fraud", "churn", "offers"]
            try await fixture.apply(try names.map { try declared($0, split(90, 10)) })
            let acknowledged = try await withThrowingTaskGroup(of: [Int].self) { group in
                for client in 0..<16 {
                    group.addTask { try await Self.work(fixture, names, client: client, operations: 12) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(acknowledged.count > 0)
            for (name, sql) in Self.invariants {
                let row = try #require(try await fixture.database.pool.query(sql).first)
                #expect(try row.decode("broken", as: Int.self) == 0, "\(name)")
            }
            let newest = try await fixture.store.releaseMoment().release
            #expect(newest == 1 + acknowledged.count, "each acknowledged change made exactly one release")
            #expect(Set(acknowledged).count == acknowledged.count)
        }
    }

    /// - Returns: the releases that were acknowledged.
    private static func work(
        _ fixture: RegistryFixture, _ names: [String], client: Int, operations: Int
    ) async throws -> [Int] {
        var random = SplitMix(seed: UInt64(client + 1))
        let caller = Caller(actor: "client-\(client)", role: .operator)
        var releases: [Int] = []
        for _ in 0..<operations {
            let name = names[Int(random.next() % UInt64(names.count))]
            let share = Int(random.next() % 101)
            let choice = random.next() % 5
            let takesOver = random.next() % 2 == 0
            let rollbackTo = Int(random.next() % 6) + 1
            do {
                let outcome = try await operation(
                    fixture, EndpointName(unchecked: name), caller, choice, share, rollbackTo, takesOver)
                let revisions = outcome.changes.compactMap(\.toRevision)
                if !revisions.isEmpty { releases.append(outcome.release) }
            } catch let error as TurnoutError where [.conflict, .invalid, .notFound].contains(error.code) {
                continue
            }
        }
        return releases
    }

    private static func operation(
        _ fixture: RegistryFixture, _ name: EndpointName, _ caller: Caller, _ choice: UInt64, _ share: Int,
        _ rollbackTo: Int, _ takesOver: Bool
    ) async throws -> ChangeOutcome {
        let controlPlane = fixture.controlPlane
        switch choice {
        case 0:
            return try await controlPlane.promote(
                name,
                PromoteRequest(
                    variant: RegistryFixture.challenger, traffic: Share(buckets: share * 100), takeOver: takesOver),
                by: caller)
        case 1:
            return try await controlPlane.rollback(
                name, RollbackRequest(toRevision: rollbackTo, takeOver: takesOver), by: caller)
        case 2: return try await controlPlane.resume(name, ResumeRequest(), by: caller)
        default: return try await fixture.apply([try declared(name.rawValue, split(100 - share, share))], by: caller)
        }
    }
}
