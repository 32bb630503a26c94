import ControlPlane
import Postgres
import RegistryStore
import Resources
import TestSupport
import Testing

@Suite struct EndpointPlanTests {
    private static func planFile(_ fixture: RegistryFixture, _ endpoints: [DeclaredEndpoint]) async throws -> PlanFile {
        let request = ApplyRequest(endpoints: endpoints)
        return PlanFile(plan: try await fixture.controlPlane.plan(request, by: alice), request: request)
    }

    private static func with(_ body: (RegistryFixture) async throws -> Void) async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 3)
            try await fixture.applyFraud(90, 10)
            try await body(fixture)
        }
    }

    @Test("A plan is applied exactly as shown, and once")
    func exact() async throws {
        try await Self.with { fixture in
            let file = try await Self.planFile(fixture, [try declared("fraud", split(80, 20))])
            let outcome = try await fixture.controlPlane.apply(file.exactRequest, by: bob)
            #expect(outcome.changes == file.plan.changes)
            #expect(try await fixture.controlPlane.apply(file.exactRequest, by: bob).status == .unchanged)
        }
    }

    @Test("A hold that came, went or changed hands since the plan refuses it, though no release was made")
    func holds() async throws {
        try await Self.with { fixture in
            func refused(_ file: PlanFile) async throws -> String {
                let error = try #require(
                    try await refusal { _ = try await fixture.controlPlane.apply(file.exactRequest, by: bob) })
                #expect(error.code == .conflict)
                return error.message
            }
            let fraud = [try declared("fraud", split(80, 20))]
            let free = try await Self.planFile(fixture, fraud)
            // The same split as before: a hold and nothing else.
            #expect(try await fixture.promote(10).release == 1)
            #expect(try await refused(free).contains("'fraud' came to be held by alice"))
            let held = try await Self.planFile(fixture, fraud)
            try await fixture.promote(10, takeOver: true, by: bob)
            #expect(try await refused(held).contains("gave way to one by bob"))
            let bobs = try await Self.planFile(fixture, fraud)
            _ = try await fixture.controlPlane.resume(RegistryFixture.fraud, ResumeRequest(), by: bob)
            #expect(try await refused(bobs).contains("the hold on 'fraud' by bob"))
            #expect(try await fixture.store.releaseMoment().release == 1)
            #expect(try await fixture.controlPlane.apply(free.exactRequest, by: bob).status == .applied)
        }
    }

    @Test("A plan that was altered does not do what it shows, and is refused")
    func altered() async throws {
        try await Self.with { fixture in
            let file = try await Self.planFile(fixture, [try declared("fraud", split(80, 20))])
            var request = file.exactRequest
            request.endpoints = [try declared("fraud", split(0, 100))]
            let error = try await refusal { _ = try await fixture.controlPlane.apply(request, by: bob) }
            #expect(error?.code == .conflict)
            #expect(error?.message.contains("'fraud' would change otherwise than the plan shows") == true)
            request.endpoints = [try declared("new", split(0, 100))]
            let other = try await refusal { _ = try await fixture.controlPlane.apply(request, by: bob) }
            #expect(other?.message.contains("'new' would change, and the plan did not say so") == true)
        }
    }

    @Test("A plan of another registry is refused, also when the numbers of releases agree")
    func otherRegistry() async throws {
        try await Self.with { fixture in
            let file = try await Self.planFile(fixture, [try declared("fraud", split(80, 20))])
            try await Self.with { other in
                // Databases of tests are copies of one.
                for statement in [
                    "ALTER TABLE registry DISABLE TRIGGER USER", "UPDATE registry SET id = gen_random_uuid()",
                ] {
                    try await other.database.pool.execute(statement)
                }
                let error = try await refusal { _ = try await other.controlPlane.apply(file.exactRequest, by: bob) }
                #expect(error?.code == .conflict)
                #expect(error?.message.contains("another registry") == true)
            }
        }
    }

    @Test("A plan whose version is gone meanwhile is refused as a conflict, not as a faulty file")
    func deletedVersion() async throws {
        try await Self.with { fixture in
            let file = try await Self.planFile(fixture, [try declared("fraud", split(80, 20, versions: (1, 3)))])
            let three = VersionReference(model: ModelName(unchecked: "fraud"), version: 3)
            try await fixture.controlPlane.deleteVersion(three, by: RegistryFixture.admin)
            let error = try await refusal { _ = try await fixture.controlPlane.apply(file.exactRequest, by: bob) }
            #expect(error?.code == .conflict)
            #expect(error?.message.contains("fraud/3 was deleted") == true)
        }
    }

    @Test("Status and plan say where live differs from git, and why: a hold, proxies out of step, no healthy backend")
    func drift() async throws {
        try await Self.with { fixture in
            #expect(try await fixture.status().drift == [])
            try await fixture.promote(100)
            let request = ApplyRequest(endpoints: [try declared("fraud", split(90, 10))])
            var drift = try await fixture.controlPlane.plan(request, by: alice).drift
            #expect(drift.map(\.reason) == [.hold])
            #expect(
                drift.first?.message.hasSuffix(": champion 0 % instead of 90 %, challenger 100 % instead of 10 %")
                    == true)
            try await fixture.controlPlane.report([
                ProxyReport(
                    id: "a", incarnation: "1", address: "127.0.0.1:8800", adminAddress: "127.0.0.1:8801",
                    generation: 1, digest: "", unhealthy: ["fraud-1.internal:8080", "fraud-2.internal:8080"])
            ])
            drift = try await fixture.status().drift
            #expect(drift.map(\.reason) == [.hold, .outOfStep, .unhealthy])
            #expect(drift[1].message == "1 of 1 live proxies does not serve revision 2 yet")
            // The champion has no traffic, so nobody misses it.
            #expect(drift[2].message == "challenger fraud/2 100 % has no healthy backend")
            _ = try await fixture.controlPlane.resume(RegistryFixture.fraud, ResumeRequest(), by: alice)
            #expect(try await fixture.status().drift.map(\.reason) == [.outOfStep, .unhealthy, .unhealthy])
        }
    }
}
