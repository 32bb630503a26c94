import ControlPlane
import RegistryStore
import Resources
import Testing

@Suite struct EndpointApplyTests {
    @Test("Applying an endpoint makes revision 1 of it and release 1, and says who owns which buckets")
    func create() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            let outcome = try await fixture.applyFraud(90, 10)
            #expect(outcome.status == .applied)
            #expect(outcome.release == 1)
            #expect(outcome.changes.map(\.action) == [.create])
            let status = try await fixture.status()
            #expect(status.revision == 1)
            #expect(status.release == 1)
            #expect(status.held == nil)
            #expect(status.variants.map(\.version) == [1, 2])
            let backends = status.variants.flatMap { $0.backends.map(\.description) }
            #expect(backends == ["http://fraud-1.internal:8080", "http://fraud-2.internal:8080"])
            #expect(status.variants.map { $0.buckets.reduce(0) { $0 + $1.count } } == [9000, 1000])
            #expect(status.variants.map(\.healthyBackends) == [nil, nil])
        }
    }

    @Test("Applying the same files twice changes nothing and says so, also with the variants in another order")
    func twice() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            let again = try await fixture.apply([try declared("fraud", split(90, 10).reversed())])
            #expect(again.status == .unchanged)
            #expect(again.release == 1)
            #expect(try await fixture.controlPlane.releases(PageRequest(), by: alice).items.count == 1)
        }
    }

    @Test("A plan says who moves, changes nothing, and the apply does exactly that")
    func plan() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            let before = try await fixture.liveRanges()
            let request = ApplyRequest(endpoints: [try declared("fraud", split(80, 20))])
            let plan = try await fixture.controlPlane.plan(request, by: RegistryFixture.viewer)
            #expect(plan.baseRelease == 1)
            let change = try #require(plan.changes.first)
            #expect(change.action == .update)
            #expect(change.fromRevision == 1 && change.toRevision == 2)
            let ten = try #require(Share(buckets: 1000))
            #expect(
                change.moves == [Move(from: RegistryFixture.champion, to: RegistryFixture.challenger, share: ten)])
            #expect(change.stays.buckets == 9000)
            #expect(try await fixture.liveRanges() == before)
            let outcome = try await fixture.controlPlane.apply(request, by: alice)
            #expect(outcome.changes == plan.changes)
        }
    }

    @Test("A fault in one of 50 documents changes nothing, and every fault is named with what was meant")
    func atomicity() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            var documents = try (0..<50).map { try declared("endpoint-\($0)", split(90, 10)) }
            documents[7] = try declared("endpoint-7", [Arm("champion", "fruad/1", 100)])
            documents[31] = try declared("endpoint-31", split(90, 10, versions: (1, 9)))
            documents[40] = try declared("endpoint-40", [Arm("champion", "fraud@chmpion", 100)])
            let faulty = documents
            let error = try #require(try await refusal { try await fixture.apply(faulty) })
            #expect(error.code == .invalidFiles)
            #expect(error.message.contains("3 faults"))
            #expect(error.message.contains("the model 'fruad' is not registered; did you mean 'fraud'?"))
            #expect(error.message.contains("fraud/9 is not registered; the newest version is fraud/2"))
            #expect(error.message.contains("model 'fraud' has no alias 'chmpion'"))
            #expect(error.faults.map(\.code) == [.unknownModel, .unknownVersion, .unknownAlias])
            #expect(error.faults.map(\.endpoint.rawValue) == ["endpoint-7", "endpoint-31", "endpoint-40"])
            #expect(error.faults.map(\.variant?.rawValue) == ["champion", "challenger", "champion"])
            #expect(error.faults.allSatisfy { $0.field == "spec.variants[\($0.variant?.rawValue ?? "")].model" })
            #expect(try await fixture.store.endpointNames().isEmpty)
            #expect(try await fixture.store.releaseMoment().release == 0)
        }
    }

    @Test("An alias is resolved when applied; moving it changes nothing that is live until the next apply")
    func alias() async throws {
        try await RegistryFixture.with { fixture in
            let model = try await fixture.addModel(versions: 2)
            let best = try AliasName(validating: "best")
            _ = try await fixture.controlPlane.setAlias(
                best, to: VersionReference(model: model, version: 1), by: RegistryFixture.admin)
            let document = try declared("fraud", [Arm("champion", "fraud@best", 100)])
            try await fixture.apply([document])
            _ = try await fixture.controlPlane.setAlias(
                best, to: VersionReference(model: model, version: 2), by: RegistryFixture.admin)
            #expect(try await fixture.status().variants.map(\.version) == [1])
            #expect(try await fixture.apply([document]).status == .applied)
            #expect(try await fixture.status().variants.map(\.version) == [2])
        }
    }

    @Test("A plan against an older release is refused, naming what changed in between and by whom")
    func staleBase() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.apply([
                try declared("fraud", split(90, 10)), try declared("other", split(50, 50)),
            ])
            try await fixture.applyFraud(80, 20, by: bob)
            func refused(base: Int) async throws -> TurnoutError {
                let error = try await refusal {
                    try await fixture.apply([try declared("fraud", split(70, 30))], base: base)
                }
                return try #require(error)
            }
            let error = try await refused(base: 1)
            #expect(error.code == .conflict)
            #expect(error.message.contains("release 2 (apply by bob) changed 'fraud'"))
            // What did not change in between is free to go, and so is what already is as wanted.
            #expect(try await fixture.apply([try declared("other", split(40, 60))], base: 1).status == .applied)
            #expect(try await fixture.apply([try declared("fraud", split(80, 20))], base: 1).status == .unchanged)
            #expect(try await refused(base: 99).code == .invalid)
        }
    }

    @Test("Sending an apply again with its idempotency key answers the first one's release and makes no second")
    func idempotency() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            let key = try IdempotencyKey(validating: "one")
            let document = try declared("fraud", split(90, 10))
            let first = try await fixture.apply([document], key: key)
            try await fixture.applyFraud(50, 50)
            #expect(try await fixture.apply([document], key: key) == first)
            #expect(try await fixture.status().revision == 2)
            let other = try await refusal {
                try await fixture.apply([try declared("fraud", split(10, 90))], key: key)
            }
            #expect(other?.code == .conflict)
        }
    }

    @Test("A host belongs to one endpoint, in the files and in the registry")
    func hosts() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            let one = try declared("one", split(90, 10), hosts: ["a.example"])
            let two = try declared("two", split(90, 10), hosts: ["a.example", "b.example"])
            let both = try await refusal { try await fixture.apply([one, two]) }
            #expect(
                both?.message.contains("endpoint 'two': the host 'a.example' belongs to the endpoint 'one'") == true)
            try await fixture.apply([one])
            let second = try await refusal { try await fixture.apply([two]) }
            #expect(second?.code == .invalidFiles)
            // One gives it up while the other takes it, in the same release.
            try await fixture.apply([try declared("one", split(90, 10)), two])
            #expect(
                try await fixture.store.hostOwners(["a.example"], except: []) == [
                    "a.example": EndpointName(unchecked: "two")
                ])
        }
    }

    @Test("A changed salt warns that every key is dealt anew, and the moves say what to expect")
    func salt() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            let plan = try await fixture.controlPlane.plan(
                ApplyRequest(endpoints: [try declared("fraud", split(90, 10), salt: "2027")]), by: alice)
            let change = try #require(plan.changes.first)
            #expect(change.warnings.count == 1)
            #expect(change.moves.map(\.share.buckets) == [900, 900])
            #expect(change.fields == [FieldChange(path: "spec.salt", before: nil, after: "2027")])
        }
    }

    @Test("Whoever may only look can plan, but neither apply nor promote nor roll back nor resume")
    func roles() async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 2)
            try await fixture.applyFraud(90, 10)
            let viewer = RegistryFixture.viewer
            let calls: [() async throws -> Void] = [
                { try await fixture.applyFraud(80, 20, by: viewer) },
                { try await fixture.promote(50, by: viewer) },
                {
                    _ = try await fixture.controlPlane.rollback(
                        RegistryFixture.fraud, RollbackRequest(toRevision: 1), by: viewer)
                },
                {
                    _ = try await fixture.controlPlane.rollback(ReleaseRollbackRequest(release: 1), by: viewer)
                },
                { _ = try await fixture.controlPlane.resume(RegistryFixture.fraud, ResumeRequest(), by: viewer) },
            ]
            for call in calls { #expect(try await refusal(call)?.code == .forbidden) }
        }
    }
}
