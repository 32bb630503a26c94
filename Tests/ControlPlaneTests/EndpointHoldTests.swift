import ControlPlane
import Postgres
import RegistryStore
import Resources
import TestSupport
import Testing

@Suite struct EndpointHoldTests {
    @Test("A promotion acts at once; later applies are recorded but wait, and resume makes the last of them live")
    func waitAndResume() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 3)
            try await fixture.applyFraud(90, 10)
            #expect(try await fixture.promote(100).status == .applied)
            var status = try await fixture.status()
            #expect(status.held?.by == "alice")
            #expect(status.variants.map(\.traffic.buckets) == [0, 10_000])

            let waiting = try await fixture.apply([try declared("fraud", split(60, 40))], commit: "abc")
            #expect(waiting.status == .held)
            #expect(waiting.changes.map(\.action) == [.hold])
            #expect(waiting.changes.first?.held?.by == "alice")
            status = try await fixture.status()
            #expect(status.revision == 2)
            #expect(status.waiting?.revision == 3)
            #expect(status.waiting?.commit == "abc")
            // The same again: nothing new, but still not live.
            let again = try await fixture.applyFraud(60, 40)
            #expect(again.status == .held)
            #expect(again.release == waiting.release)

            let resumed = try await fixture.controlPlane.resume(
                RegistryFixture.fraud, ResumeRequest(), by: bob)
            #expect(resumed.status == .applied)
            status = try await fixture.status()
            #expect(status.held == nil && status.waiting == nil)
            #expect(status.revision == 4)
            #expect(status.variants.map(\.traffic.buckets) == [6000, 4000])
            let explained = try await fixture.controlPlane.explain(
                RegistryFixture.fraud, key: "user", at: nil, by: alice)
            #expect(explained.commit == "abc")
            let idle = try await fixture.controlPlane.resume(RegistryFixture.fraud, ResumeRequest(), by: bob)
            #expect(idle.status == .unchanged)
        }
    }

    @Test("A hold lasts for some time")
    func tooShort() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            let request = PromoteRequest(variant: RegistryFixture.challenger, holdFor: .seconds(0))
            let error = await #expect(throws: TurnoutError.self) {
                try await fixture.controlPlane.promote(RegistryFixture.fraud, request, by: alice)
            }
            #expect(error?.code == .invalid && error?.message.contains("'holdFor' is 0s") == true)
            #expect(try await fixture.status().held == nil)
        }
    }

    @Test("Git that says the same as the hold releases it, and nobody moves")
    func catchUp() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            try await fixture.promote(40)
            try await fixture.applyFraud(10, 90)
            let before = try await fixture.liveRanges()
            let outcome = try await fixture.applyFraud(60, 40)
            #expect(outcome.status == .applied)
            #expect(outcome.changes.map(\.action) == [.catchUp])
            #expect(outcome.changes.first?.moves.isEmpty == true)
            let status = try await fixture.status()
            #expect(status.held == nil && status.waiting == nil)
            #expect(try await fixture.liveRanges() == before)
            #expect(try await fixture.applyFraud(60, 40).status == .unchanged)
        }
    }

    @Test("Rolling back brings the identical map back, as a new revision under a hold, also step by step")
    func rollback() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            let first = try await fixture.liveRanges()
            for share in [25, 60, 35, 100] { try await fixture.applyFraud(100 - share, share) }
            let outcome = try await fixture.controlPlane.rollback(
                RegistryFixture.fraud, RollbackRequest(toRevision: 1, reason: "worse"), by: bob)
            #expect(outcome.status == .applied)
            #expect(try await fixture.liveRanges() == first)
            let status = try await fixture.status()
            #expect(status.revision == 6)
            #expect(status.held?.by == "bob" && status.held?.reason == "worse" && status.held?.kind == .rollback)
            let revision = try #require(try await fixture.store.revision(6, of: RegistryFixture.fraud))
            #expect(revision.restores == 1)
            // Without a number: what was live before and said something else.
            let back = try await fixture.controlPlane.rollback(
                RegistryFixture.fraud, RollbackRequest(), by: bob)
            #expect(back.changes.first?.after.map(\.traffic.buckets) == [0, 10_000])
        }
    }

    @Test("There is nothing to roll back to before the second revision, and none to a revision that only waited")
    func impossibleRollback() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            func rollback(_ number: Int?) async throws -> TurnoutError? {
                try await refusal {
                    _ = try await fixture.controlPlane.rollback(
                        RegistryFixture.fraud, RollbackRequest(toRevision: number), by: alice)
                }
            }
            #expect(try await rollback(nil)?.code == .invalid)
            #expect(try await rollback(7)?.code == .notFound)
            try await fixture.promote(50)
            try await fixture.applyFraud(70, 30)
            #expect(try await rollback(3)?.message.contains("waited for a hold") == true)
        }
    }

    @Test("Another person's hold is not overwritten unless it is taken over, and the message names them")
    func takeOver() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            try await fixture.promote(50, by: alice)
            let error = try #require(try await refusal { try await fixture.promote(60, by: bob) })
            #expect(error.code == .conflict)
            #expect(error.message.contains("held by alice"))
            #expect(try await fixture.status().revision == 2)
            let taken = try await fixture.promote(60, takeOver: true, by: bob)
            #expect(taken.notes.contains { $0.contains("alice") })
            #expect(try await fixture.status().held?.by == "bob")
            // One's own hold may be replaced.
            #expect(try await fixture.promote(70, by: bob).status == .applied)
        }
    }

    @Test("The others divide what a promotion leaves in proportion to what they have")
    func remainder() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 3)
            try await fixture.apply([
                try declared(
                    "fraud", [Arm("challenger", "fraud/1", 1), Arm("b", "fraud/2", 33), Arm("c", "fraud/3", 66)])
            ])
            let outcome = try await fixture.promote(50)
            // 5,000 buckets in proportion 33 : 66 are 1,666⅔ and 3,333⅓.
            #expect(outcome.changes.first?.after.map(\.traffic.buckets) == [5000, 1667, 3333])
            try await fixture.promote(100)
            let error = try await refusal { try await fixture.promote(40) }
            #expect(error?.code == .invalid)
            #expect(error?.message.contains("nobody can take the remaining 60 %") == true)
        }
    }

    @Test("A hold whose time has passed stands in nobody's way")
    func expired() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            try await fixture.promote(50, holdFor: Interval(milliseconds: 1))
            try await eventually("the hold has passed") { try await fixture.status().held == nil }
            let outcome = try await fixture.applyFraud(80, 20, by: bob)
            #expect(outcome.status == .applied)
            #expect(outcome.changes.map(\.action) == [.update])
        }
    }

    @Test("Rolling back a release brings every endpoint back in one new release, or none")
    func releaseRollback() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.apply([try declared("fraud", split(90, 10)), try declared("other", split(50, 50))])
            try await fixture.apply([try declared("fraud", split(10, 90)), try declared("other", split(20, 80))])
            try await fixture.apply([try declared("late", split(50, 50))])
            let outcome = try await fixture.controlPlane.rollback(ReleaseRollbackRequest(release: 1), by: alice)
            #expect(outcome.release == 4)
            #expect(outcome.changes.map(\.endpoint.rawValue) == ["fraud", "other"])
            #expect(outcome.notes.contains { $0.contains("'late'") })
            let release = try #require(try await fixture.store.release(4))
            #expect(release.endpoints.map(\.rawValue) == ["fraud", "other"])
            let heads = try await fixture.store.endpointHeads()
            #expect(heads.values.filter { $0.hold != nil }.map(\.name.rawValue).sorted() == ["fraud", "other"])
            // Under somebody's hold it is refused whole.
            let refused = try await refusal {
                _ = try await fixture.controlPlane.rollback(ReleaseRollbackRequest(release: 2), by: bob)
            }
            #expect(refused?.code == .conflict)
            #expect(try await fixture.store.releaseMoment().release == 4)
        }
    }

    @Test(
        "A version that a hold or git could bring back can't be deleted; one that only history knows can, and then can't return"
    )
    func deletedVersion() async throws {
        try await RegistryFixture.with { fixture in
            let model = try await fixture.addModel(versions: 3)
            try await fixture.apply([try declared("fraud", split(90, 10, versions: (1, 2)))])
            try await fixture.apply([try declared("fraud", split(90, 10, versions: (3, 2)))])
            let one = VersionReference(model: model, version: 1)
            try await fixture.controlPlane.deleteVersion(one, by: RegistryFixture.admin)
            let two = VersionReference(model: model, version: 2)
            let inUse = try await refusal {
                try await fixture.controlPlane.deleteVersion(two, by: RegistryFixture.admin)
            }
            #expect(inUse?.code == .inUse)
            let error = try await refusal {
                _ = try await fixture.controlPlane.rollback(RegistryFixture.fraud, RollbackRequest(), by: alice)
            }
            #expect(error?.code == .conflict)
            #expect(error?.message.contains("fraud/1 was deleted") == true)
        }
    }
}
