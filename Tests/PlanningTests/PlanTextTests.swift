import Planning
import Resources
import Testing

@Suite struct PlanTextTests {
    private typealias Fixture = PlanningFixture

    private static func head(_ shares: [Int]) throws -> EndpointHead {
        let created = try Fixture.planner().apply([Fixture.endpoint(shares)], heads: [:])
        return try #require(Fixture.head(after: created, on: nil, release: 1))
    }

    @Test("A plan reads: a new endpoint")
    func create() throws {
        let planned = try Fixture.planner().apply([Fixture.endpoint([9000, 1000])], heads: [:])
        #expect(
            Plan(baseRelease: 0, registry: "here", changes: planned.changes).text == """
                + fraud  new, revision 1
                    a  fraud/1  90 %
                    b  fraud/2  10 %

                Against release 0: 1 to create.
                """)
    }

    @Test("A plan reads: a changed split, a changed field and who moves")
    func update() throws {
        let head = try Self.head([9000, 1000])
        let planned = try Fixture.planner().apply(
            [Fixture.endpoint([8000, 1950, 50], timeout: Interval(milliseconds: 250))], heads: [Fixture.fraud: head])
        #expect(
            Plan(baseRelease: 7, registry: "here", changes: planned.changes).text == """
                ~ fraud  revision 1 → 2
                    a  fraud/1  90 % → 80 %
                    b  fraud/2  10 % → 19.5 %
                    c  fraud/3  0.5 %
                    9.50 % of keys move a → b; 0.50 % of keys move a → c; 90.00 % stay
                    spec.timeout: 1s → 250ms
                    spec.variants[c].backends: none → [http://scorer:80]

                Against release 7: 1 to update.
                """)
    }

    @Test("A plan reads: limits, conditions and a time for each try that come, change and go")
    func limits() throws {
        var before = Fixture.endpoint([9000, 1000])
        before.spec.limits = EndpointLimits(maxConcurrency: 500, maxConnectionsPerBackend: 64)
        let created = try Fixture.planner().apply([before], heads: [:])
        let head = try #require(Fixture.head(after: created, on: nil, release: 1))
        var after = before
        after.spec.limits = EndpointLimits(maxConcurrency: 20)
        after.spec.retry = RetryPolicy(
            on: [.connect, .reset, .gatewayTimeout], perTryTimeout: Interval(milliseconds: 90),
            hedgeAfter: Interval(milliseconds: 20))
        let planned = try Fixture.planner().apply([after], heads: [Fixture.fraud: head])
        #expect(
            planned.changes.first?.fields == [
                FieldChange(path: "spec.limits.maxConcurrency", before: "500", after: "20"),
                FieldChange(path: "spec.limits.maxConnectionsPerBackend", before: "64", after: nil),
                FieldChange(path: "spec.retry.hedgeAfter", before: nil, after: "20ms"),
                FieldChange(path: "spec.retry.on", before: "[connect]", after: "[connect, reset, 504]"),
                FieldChange(path: "spec.retry.perTryTimeout", before: nil, after: "90ms"),
            ])
    }

    @Test("A plan reads: a change that waits for a hold, and one that catches up with it")
    func held() throws {
        var head = try Self.head([9000, 1000])
        let promoted = try Fixture.planner().promote(
            head, variant: Fixture.names[1], to: try #require(Share(buckets: 5000)), until: nil, takesOver: false)
        head = try #require(Fixture.head(after: promoted, on: head, release: 2))
        let waits = try Fixture.planner("bob").apply([Fixture.endpoint([8000, 2000])], heads: [Fixture.fraud: head])
        #expect(
            Plan(baseRelease: 2, registry: "here", changes: waits.changes).text == """
                … fraud  revision 3 recorded; 2 stays live
                    a  fraud/1  50 % → 80 %
                    b  fraud/2  50 % → 20 %
                    once the hold is released: 30.00 % of keys move b → a; 70.00 % stay
                    waits for the hold of alice, "because", since 2026-11-01T10:00:00Z

                Against release 2: 1 to wait for a hold.
                """)
        let caught = try Fixture.planner("bob").apply([Fixture.endpoint([5000, 5000])], heads: [Fixture.fraud: head])
        #expect(
            Plan(baseRelease: 2, registry: "here", changes: caught.changes).text == """
                ✓ fraud  revision 2 → 3, the same as the hold
                    a  fraud/1  50 %
                    b  fraud/2  50 %
                    nobody moves
                    releases the hold of alice, "because", since 2026-11-01T10:00:00Z

                Against release 2: 1 to release a hold.
                """)
    }

    @Test("A plan reads: nothing to do, and a variant that goes")
    func small() throws {
        let head = try Self.head([9000, 1000])
        let same = try Fixture.planner().apply([Fixture.endpoint([9000, 1000])], heads: [Fixture.fraud: head])
        #expect(Plan(baseRelease: 1, registry: "here", changes: same.changes).text == "Against release 1: 1 unchanged.")
        let gone = try Fixture.planner().apply([Fixture.endpoint([10_000])], heads: [Fixture.fraud: head])
        #expect(gone.changes.first?.lines.contains("    b  fraud/2 → gone  10 % → gone") == true)
    }

    @Test("A plan file keeps what changes alone, with the versions that the plan showed instead of aliases")
    func planFile() throws {
        func declared(_ name: String) throws -> DeclaredEndpoint {
            DeclaredEndpoint(
                name: EndpointName(unchecked: name),
                spec: DeclaredSpec(variants: [
                    DeclaredVariant(
                        name: Fixture.names[0], model: try VersionSelector(parsing: "fraud@best"), traffic: .all,
                        backends: [try BackendTemplate(parsing: "http://scorer")])
                ]))
        }
        let planned = try Fixture.planner().apply([Fixture.endpoint([10_000])], heads: [:])
        var changes = planned.changes
        var other = changes[0]
        other.endpoint = EndpointName(unchecked: "other")
        other.action = .unchanged
        changes.append(other)
        let file = PlanFile(
            plan: Plan(baseRelease: 4, registry: "here", changes: changes),
            request: ApplyRequest(endpoints: [try declared("fraud"), try declared("other")]))
        #expect(file.request.baseRelease == 4)
        #expect(file.request.endpoints.map(\.name.rawValue) == ["fraud"])
        #expect(file.request.endpoints.first?.spec.variants.first?.model.description == "fraud/1")
    }
}
