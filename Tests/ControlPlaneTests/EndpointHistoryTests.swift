import ControlPlane
import Postgres
import RegistryStore
import Resources
import Splitting
import TestSupport
import Testing

@Suite struct EndpointHistoryTests {
    /// What was observed right after a change.
    private struct Observation {
        let at: Timestamp
        let variants: [EndpointStatus.VariantStatus]
        let revision: Int
    }

    @Test("Explain answers for any moment of a random history what was recorded then, for every key")
    func explain() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            var random = SplitMix(seed: 7)
            try await fixture.applyFraud(90, 10)
            var log: [Observation] = []
            for _ in 0..<40 {
                try await Self.change(fixture, &random)
                let status = try await fixture.status()
                log.append(
                    Observation(
                        at: try await fixture.store.databaseNow(), variants: status.variants,
                        revision: status.revision))
            }
            for observation in log {
                for number in 0..<5 {
                    let key = "user-\(number)-\(observation.revision)"
                    let bucket = Bucket.of(key: key, salt: "fraud")
                    let owner = try #require(
                        observation.variants.first { $0.buckets.contains { $0.contains(bucket) } })
                    let explanation = try await fixture.controlPlane.explain(
                        RegistryFixture.fraud, key: key, at: observation.at, by: RegistryFixture.viewer)
                    #expect(explanation.bucket == bucket)
                    #expect(explanation.variant == owner.name)
                    #expect(explanation.version == owner.version)
                    #expect(explanation.revision == observation.revision)
                    #expect(explanation.at == observation.at)
                }
            }
        }
    }

    private static func change(_ fixture: RegistryFixture, _ random: inout SplitMix) async throws {
        let share = Int(random.next() % 101)
        switch random.next() % 4 {
        case 0: try await fixture.applyFraud(100 - share, share)
        case 1: _ = try? await fixture.promote(share)
        case 2:
            _ = try? await fixture.controlPlane.rollback(
                RegistryFixture.fraud, RollbackRequest(toRevision: Int(random.next() % 5) + 1), by: alice)
        default:
            _ = try await fixture.controlPlane.resume(RegistryFixture.fraud, ResumeRequest(), by: alice)
        }
    }

    @Test("Explain says so for a moment before the endpoint existed, for the future, and for a misspelt endpoint")
    func unexplained() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            func explain(_ name: String, _ at: String?) async throws -> TurnoutError? {
                try await refusal {
                    _ = try await fixture.controlPlane.explain(
                        EndpointName(unchecked: name), key: "k", at: at.flatMap { Timestamp(parsing: $0) }, by: alice)
                }
            }
            let early = try await explain("fraud", "2020-01-01T00:00Z")
            #expect(early?.code == .notFound && early?.message.contains("its first revision went live at") == true)
            #expect(try await explain("fraud", "2199-01-01T00:00Z")?.code == .invalid)
            #expect(try await explain("fruad", nil)?.message.contains("did you mean 'fraud'?") == true)
        }
    }

    @Test("History and releases come newest first, page by page, without holes")
    func pages() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            for share in 0..<7 { try await fixture.applyFraud(100 - share, share) }
            var numbers: [Int] = []
            var releases: [Int] = []
            var cursor: String?
            repeat {
                let page = try await fixture.controlPlane.history(
                    of: RegistryFixture.fraud, PageRequest(limit: 3, cursor: cursor), by: alice)
                numbers += page.items.map(\.number)
                releases += try await fixture.controlPlane.releases(PageRequest(limit: 3, cursor: cursor), by: alice)
                    .items.map(\.number)
                cursor = page.nextCursor
            } while cursor != nil
            #expect(numbers == [7, 6, 5, 4, 3, 2, 1])
            #expect(releases == numbers)
            let unknown = try await refusal {
                _ = try await fixture.controlPlane.history(
                    of: EndpointName(unchecked: "nobody"), PageRequest(), by: alice)
            }
            #expect(unknown?.code == .notFound)
        }
    }

    @Test("Diff names the fields and the share of keys that differ between two revisions")
    func diff() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            try await fixture.apply([try declared("fraud", split(70, 30), timeout: Interval(milliseconds: 250))])
            let difference = try await fixture.controlPlane.diff(
                of: RegistryFixture.fraud, from: 1, to: 2, by: alice)
            #expect(difference.moves.map(\.share.buckets) == [2000])
            #expect(difference.fields == [FieldChange(path: "spec.timeout", before: "1s", after: "250ms")])
            let missing = try await refusal {
                _ = try await fixture.controlPlane.diff(of: RegistryFixture.fraud, from: 1, to: 9, by: alice)
            }
            #expect(missing?.message.contains("has no revision 9; the newest is 2") == true)
        }
    }

    @Test("Diff of two releases names every endpoint that was created, changed or removed between them, both ways")
    func releaseDiff() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            let (one, two) = (try declared("one", split(90, 10)), try declared("two", split(90, 10)))
            func request(_ endpoints: [DeclaredEndpoint]) -> ApplyRequest {
                ApplyRequest(endpoints: endpoints, source: "here//", inventory: endpoints.map(\.name), prune: true)
            }
            _ = try await fixture.controlPlane.apply(request([one, two]), by: alice)
            _ = try await fixture.controlPlane.apply(
                request([try declared("one", split(60, 40)), try declared("three", split(50, 50))]), by: alice)
            _ = try await fixture.controlPlane.apply(
                request([try declared("one", split(60, 40)), try declared("three", split(10, 90))]), by: alice)
            let ahead = try await fixture.controlPlane.diff(fromRelease: 1, toRelease: 3, by: alice)
            #expect(ahead.changes.map(\.endpoint.rawValue) == ["one", "three", "two"])
            #expect(ahead.changes.map(\.action) == [.update, .create, .remove])
            #expect(ahead.changes[0].moves.map(\.share.buckets) == [3000])
            #expect(ahead.changes[1].toRevision == 2)
            let back = try await fixture.controlPlane.diff(fromRelease: 3, toRelease: 1, by: alice)
            #expect(back.changes.map(\.action) == [.update, .remove, .create])
            #expect(try await fixture.controlPlane.diff(fromRelease: 2, toRelease: 2, by: alice).changes == [])
            #expect(try await fixture.controlPlane.diff(fromRelease: 0, toRelease: 3, by: alice).changes.count == 2)
            let missing = try await refusal {
                _ = try await fixture.controlPlane.diff(fromRelease: 1, toRelease: 9, by: alice)
            }
            #expect(missing?.message == "There is no release 9; the newest is 3.")
        }
    }

    @Test("Every hold is kept with its limit and with how it ended, also one that changed nothing else")
    func holds() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            #expect(
                try await fixture.controlPlane.holds(of: RegistryFixture.fraud, PageRequest(), by: alice).items == [])
            try await fixture.promote(50, holdFor: .seconds(3600), by: alice)
            try await fixture.promote(50, takeOver: true, by: bob)
            _ = try await fixture.controlPlane.resume(RegistryFixture.fraud, ResumeRequest(), by: alice)
            try await fixture.promote(40)
            try await fixture.applyFraud(60, 40, by: bob)
            try await fixture.promote(30)
            let holds = try await fixture.controlPlane.holds(of: RegistryFixture.fraud, PageRequest(), by: alice).items
            #expect(holds.map(\.ended?.why) == [nil, .caughtUp, .resumed, .replaced])
            #expect(holds.map(\.ended?.by) == [nil, "bob", "alice", "bob"])
            #expect(holds.map(\.hold.by) == ["alice", "alice", "bob", "alice"])
            let first = try #require(holds.last?.hold)
            #expect(first.until == first.since.advanced(by: .seconds(3600)))
            let unknown = try await refusal {
                _ = try await fixture.controlPlane.holds(
                    of: EndpointName(unchecked: "nobody"), PageRequest(), by: alice)
            }
            #expect(unknown?.code == .notFound)
        }
    }

    @Test("History can be neither changed nor removed, not even by hand")
    func appendOnly() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            try await fixture.promote(50)
            for statement in [
                "UPDATE release SET actor = 'mallory'", "DELETE FROM release",
                "UPDATE endpoint_revision SET active = false", "DELETE FROM endpoint_revision",
                "DELETE FROM revision_variant", "DELETE FROM hold", "UPDATE hold SET actor = 'mallory'",
                "UPDATE release_counter SET number = number - 1", "TRUNCATE endpoint_revision CASCADE",
            ] {
                await #expect(throws: PostgresError.self, "\(statement)") {
                    _ = try await fixture.database.pool.execute(statement)
                }
            }
        }
    }

    @Test("What live proxies report decides which backends count as healthy; without any report nobody knows")
    func health() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            func report(_ id: String, generation: Int = 1, _ unhealthy: [String]) -> ProxyReport {
                ProxyReport(
                    id: id, incarnation: "1", address: "127.0.0.1:8800", adminAddress: "127.0.0.1:8801",
                    generation: generation, digest: "", unhealthy: unhealthy)
            }
            let (one, two) = ("fraud-1.internal:8080", "fraud-2.internal:8080")
            try await fixture.controlPlane.report([
                report("a", [two]), report("b", []), report("c", [one, two]), report("d", generation: 0, []),
            ])
            let status = try await fixture.status()
            #expect(status.variants.map(\.healthyBackends) == [1, 0])
            #expect(status.proxies == EndpointStatus.Proxies(live: 4, inStep: 0))
        }
    }
}

/// A small generator whose seed makes a run repeatable.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
