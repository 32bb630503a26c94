import ControlPlane
import RegistryStore
import Resources
import Testing

@Suite struct EndpointSourceTests {
    private static let models = "github.com/acme/models//endpoints"
    private static let other = "github.com/acme/other//endpoints"

    private static func request(
        _ names: [String], source: String? = models, prune: Bool? = nil, adopt: Bool? = nil, champion: Int = 90
    ) throws -> ApplyRequest {
        let endpoints = try names.map { try declared($0, split(champion, 100 - champion)) }
        return ApplyRequest(
            endpoints: endpoints, source: source, inventory: endpoints.map(\.name), prune: prune, adopt: adopt)
    }

    private static func with(_ body: (RegistryFixture) async throws -> Void) async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await body(fixture)
        }
    }

    private static func refused(_ fixture: RegistryFixture, _ request: ApplyRequest) async throws -> TurnoutError {
        let applied = try await refusal { _ = try await fixture.controlPlane.apply(request, by: bob) }
        let planned = try await refusal { _ = try await fixture.controlPlane.plan(request, by: bob) }
        #expect(planned == applied)
        return try #require(applied)
    }

    @Test("Two sources can't claim one endpoint: the second is told whose it is, and --adopt hands it over")
    func claims() async throws {
        try await Self.with { fixture in
            let controlPlane = fixture.controlPlane
            _ = try await controlPlane.apply(Self.request(["fraud", "spam"]), by: alice)
            let error = try await Self.refused(fixture, Self.request(["spam", "new"], source: Self.other))
            #expect(error.code == .conflict)
            #expect(
                error.message.hasPrefix("'spam' belongs to \(Self.models), and these files come from \(Self.other)."))
            #expect(try await fixture.store.endpointNames().map(\.rawValue) == ["fraud", "spam"])

            let handedOver = try await controlPlane.apply(
                Self.request(["spam"], source: Self.other, adopt: true), by: bob)
            #expect(handedOver.status == .applied && handedOver.release == 1)
            #expect(handedOver.changes.map(\.action) == [.adopt])
            #expect(
                handedOver.changes.first?.fields
                    == [FieldChange(path: "source", before: Self.models, after: Self.other)])
            let status = try await controlPlane.status(of: EndpointName(validating: "spam"), by: alice)
            #expect(status.source == Self.other && status.revision == 1)
            let back = try await Self.refused(fixture, Self.request(["spam"]))
            #expect(back.code == .conflict)
            #expect(try await controlPlane.verifyAudit(by: alice).fault == nil)
        }
    }

    @Test("A request without a source claims nothing, and what has none belongs to the first that applies it")
    func firstClaim() async throws {
        try await Self.with { fixture in
            _ = try await fixture.controlPlane.apply(Self.request(["fraud"], source: nil), by: alice)
            #expect(try await fixture.status().source == nil)
            let claimed = try await fixture.controlPlane.apply(Self.request(["fraud"]), by: alice)
            #expect(claimed.changes.map(\.action) == [.adopt])
            #expect(try await fixture.status().source == Self.models)
            _ = try await fixture.controlPlane.apply(Self.request(["fraud"], source: nil, champion: 50), by: alice)
            #expect(try await fixture.status().source == Self.models)
            #expect(try await fixture.controlPlane.apply(Self.request(["fraud"], champion: 50), by: alice).release == 2)
        }
    }

    @Test("What its source no longer holds is only named without --prune, and removed with it, as a release")
    func prune() async throws {
        try await Self.with { fixture in
            let controlPlane = fixture.controlPlane
            let spam = try EndpointName(validating: "spam")
            _ = try await controlPlane.apply(Self.request(["fraud", "spam"]), by: alice)
            _ = try await controlPlane.apply(Self.request(["elsewhere"], source: Self.other), by: alice)

            let shown = try await controlPlane.plan(Self.request(["fraud"]), by: alice)
            #expect(shown.orphans == [spam] && shown.changes.map(\.action) == [.unchanged])
            let kept = try await controlPlane.apply(Self.request(["fraud"]), by: alice)
            #expect(kept.status == .unchanged)
            #expect(kept.notes == ["'spam' is no longer in these files; --prune removes it."])

            let plan = try await controlPlane.plan(Self.request(["fraud"], prune: true), by: alice)
            #expect(plan.orphans == [] && plan.changes.map(\.action) == [.unchanged, .remove])
            let pruned = try await controlPlane.apply(Self.request(["fraud"], prune: true), by: bob)
            #expect(pruned.changes == plan.changes && pruned.release == 3)
            #expect(try await fixture.store.endpointNames().map(\.rawValue) == ["elsewhere", "fraud"])
            #expect(try await fixture.store.activeRevisions(of: [spam]).isEmpty)
            let again = try await controlPlane.apply(Self.request(["fraud"], prune: true), by: bob)
            #expect(again.status == .unchanged)

            let history = try await controlPlane.history(of: spam, PageRequest(), by: alice)
            #expect(history.items.map(\.removed) == [true, false])
            #expect(history.items.first?.actor == "bob")
            let gone = try await refusal { _ = try await controlPlane.status(of: spam, by: alice) }
            #expect(gone?.message.hasPrefix("Endpoint 'spam' was removed by bob with release 3.") == true)
            let asked = try await refusal {
                _ = try await controlPlane.explain(spam, key: "user", at: nil, by: alice)
            }
            #expect(asked?.message.contains("bob removed it at") == true)
            let before = try #require(history.items.last?.createdAt)
            let explained = try await controlPlane.explain(spam, key: "user", at: before, by: alice)
            #expect(explained.release == 1)
        }
    }

    @Test("What was removed comes back with its users: by rollback of the release or the endpoint, or by git")
    func comesBack() async throws {
        try await Self.with { fixture in
            let controlPlane = fixture.controlPlane
            _ = try await controlPlane.apply(Self.request(["fraud", "spam"]), by: alice)
            let ranges = try await fixture.liveRanges()
            func remove() async throws {
                _ = try await controlPlane.apply(Self.request(["spam"], prune: true), by: alice)
                #expect(try await fixture.store.endpointHead(RegistryFixture.fraud).isRemoved)
            }
            try await remove()
            let release = try await controlPlane.rollback(ReleaseRollbackRequest(release: 1), by: alice)
            #expect(release.changes.map(\.action) == [.create, .unchanged])
            #expect(try await fixture.liveRanges() == ranges)
            #expect(try await fixture.status().held?.kind == .rollback)
            // Git still says that it is gone; that waits for the hold, and a second prune has nothing to add.
            #expect(try await fixture.status().drift.map(\.reason) == [.hold])
            let pruned = try await controlPlane.apply(Self.request(["spam"], prune: true), by: bob)
            #expect(pruned.status == .held)
            let resumed = try await controlPlane.resume(RegistryFixture.fraud, ResumeRequest(), by: alice)
            #expect(resumed.changes.map(\.action) == [.remove])
            #expect(try await fixture.store.endpointHead(RegistryFixture.fraud).isRemoved)

            _ = try await controlPlane.rollback(RegistryFixture.fraud, RollbackRequest(), by: alice)
            #expect(try await fixture.liveRanges() == ranges)
            _ = try await controlPlane.resume(RegistryFixture.fraud, ResumeRequest(), by: alice)
            let created = try await controlPlane.apply(Self.request(["fraud", "spam"]), by: alice)
            #expect(created.changes.map(\.action) == [.create, .unchanged])
            #expect(try await fixture.liveRanges() == ranges)
        }
    }

    @Test("A removal waits for a hold, and resume makes it live")
    func heldRemoval() async throws {
        try await Self.with { fixture in
            let controlPlane = fixture.controlPlane
            _ = try await controlPlane.apply(Self.request(["fraud", "spam"]), by: alice)
            try await fixture.promote(100)
            let plan = try await controlPlane.plan(Self.request(["spam"], prune: true), by: bob)
            #expect(plan.changes.map(\.action) == [.hold, .unchanged])
            #expect(plan.changes.first?.removes == true)
            let waiting = try await controlPlane.apply(Self.request(["spam"], prune: true), by: bob)
            #expect(waiting.status == .held)
            let status = try await fixture.status()
            #expect(status.revision == 2 && status.waiting?.revision == 3 && status.waiting?.variants == [])
            let resumed = try await controlPlane.resume(RegistryFixture.fraud, ResumeRequest(), by: bob)
            #expect(resumed.changes.map(\.action) == [.remove])
            #expect(try await fixture.store.endpointNames().map(\.rawValue) == ["spam"])
        }
    }

    @Test("What was removed frees its hosts and versions, and then can't return if somebody took them")
    func freedHosts() async throws {
        try await Self.with { fixture in
            let controlPlane = fixture.controlPlane
            let first = ApplyRequest(
                endpoints: [try declared("fraud", split(90, 10), hosts: ["fraud.internal"])], source: Self.models,
                inventory: [RegistryFixture.fraud])
            _ = try await controlPlane.apply(first, by: alice)
            _ = try await controlPlane.apply(
                ApplyRequest(endpoints: [], source: Self.models, inventory: [], prune: true), by: alice)
            try await fixture.apply([try declared("taker", split(90, 10), hosts: ["fraud.internal"])])
            let refused = try await refusal {
                _ = try await controlPlane.rollback(ReleaseRollbackRequest(release: 1), by: alice)
            }
            #expect(refused?.code == .conflict)
            #expect(refused?.message.contains("'fraud' and 'taker'") == true)
        }
    }

    @Test("Only a source that says all that it holds can be pruned")
    func partialPrune() async throws {
        try await Self.with { fixture in
            let error = try await refusal {
                _ = try await fixture.controlPlane.apply(
                    ApplyRequest(
                        endpoints: [try declared("fraud", split(90, 10))], source: Self.models, prune: true), by: alice)
            }
            #expect(error?.code == .invalid)
        }
    }
}
