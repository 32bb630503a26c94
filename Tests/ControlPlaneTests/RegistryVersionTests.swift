import ControlPlane
import RegistryStore
import Resources
import Testing

@Suite struct RegistryVersionTests {
    @Test("32 versions registered at the same time get the numbers 1 to 32")
    func concurrentNumbers() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel()
            let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        try await fixture.controlPlane.registerVersion(
                            of: name, VersionDraft(), by: RegistryFixture.operators
                        ).version
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(numbers.sorted() == Array(1...32))
            let audit = try await fixture.controlPlane.verifyAudit(by: RegistryFixture.viewer)
            #expect(audit.entries == 33)
            #expect(audit.fault == nil)
        }
    }

    @Test("A version says all that was said when it was registered")
    func register() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel()
            let artifact = try await fixture.controlPlane.pushArtifact(
                chunks(Array("weights".utf8)), expected: nil, by: RegistryFixture.operators)
            let file = try ArtifactName(validating: "model/weights.bin")
            let draft = VersionDraft(
                source: "git+https://example.com/fraud", commit: "4f1c2d", runID: "run-1", runLink: "https://x/1",
                metrics: ["auc": 0.98, "loss": 1e-9], description: "first", tags: ["k": "v"],
                artifacts: [file: artifact.digest])
            let version = try await fixture.controlPlane.registerVersion(
                of: name, draft, by: RegistryFixture.operators)
            #expect(version.reference.description == "fraud/1")
            #expect(version.source == draft.source)
            #expect(version.commit == "4f1c2d")
            #expect(version.runID == "run-1")
            #expect(version.runLink == "https://x/1")
            #expect(version.metrics == ["auc": 0.98, "loss": 1e-9])
            #expect(version.tags == ["k": "v"])
            #expect(version.artifacts == [VersionArtifact(name: file, digest: artifact.digest, size: 7)])
            #expect(try await fixture.controlPlane.version(version.reference, by: RegistryFixture.viewer) == version)
            let model = try await fixture.controlPlane.model(name, by: RegistryFixture.viewer)
            #expect(model.latestVersion == 1)
            #expect(model.updatedAt == version.createdAt || model.updatedAt > model.createdAt)
        }
    }

    @Test("A version of an artifact that was never pushed is refused, and takes no number")
    func unknownArtifact() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel()
            let digest = try ArtifactDigest(validating: "sha256:" + String(repeating: "a", count: 64))
            let refused = try await refusal {
                _ = try await fixture.controlPlane.registerVersion(
                    of: name, VersionDraft(artifacts: [ArtifactName(validating: "m"): digest]),
                    by: RegistryFixture.operators)
            }
            #expect(refused?.code == .invalid)
            #expect(refused?.message.contains(digest.rawValue) == true)
            let next = try await fixture.controlPlane.registerVersion(
                of: name, VersionDraft(), by: RegistryFixture.operators)
            #expect(next.version == 1)
        }
    }

    @Test("The same request with the same key registers one version, at the same time or later")
    func idempotency() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel()
            let key = try IdempotencyKey(validating: "build-4711")
            let draft = VersionDraft(commit: "4f1c2d", metrics: ["auc": 0.1 + 0.2])
            let versions = try await withThrowingTaskGroup(of: ModelVersion.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await fixture.controlPlane.registerVersion(
                            of: name, draft, key: key, by: RegistryFixture.operators)
                    }
                }
                return try await group.reduce(into: [ModelVersion]()) { $0.append($1) }
            }
            #expect(Set(versions).count == 1)
            #expect(versions.first?.version == 1)
            let other = try await refusal {
                _ = try await fixture.controlPlane.registerVersion(
                    of: name, VersionDraft(commit: "other"), key: key, by: RegistryFixture.operators)
            }
            #expect(other?.code == .conflict)
            let someoneElse = try await fixture.controlPlane.registerVersion(
                of: name, draft, key: key, by: RegistryFixture.admin)
            #expect(someoneElse.version == 2)
        }
    }

    @Test("An idempotency key is forgotten a week after it was used")
    func idempotencyRetention() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel()
            let key = try IdempotencyKey(validating: "k")
            let later = try IdempotencyKey(validating: "later")
            let plane = fixture.controlPlane
            _ = try await plane.registerVersion(of: name, VersionDraft(), key: key, by: RegistryFixture.operators)
            fixture.clock.advance(by: ControlPlane.answerRetention + .seconds(1))
            _ = try await plane.registerVersion(of: name, VersionDraft(), key: later, by: RegistryFixture.operators)
            let again = try await plane.registerVersion(
                of: name, VersionDraft(), key: key, by: RegistryFixture.operators)
            #expect(again.version == 3)
        }
    }

    @Test("Pages of versions run from the newest down, unmoved by what is registered meanwhile")
    func pages() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel(versions: 25)
            var seen: [Int] = []
            var cursor: String?
            repeat {
                let page = try await fixture.controlPlane.versions(
                    of: name, PageRequest(limit: 10, cursor: cursor), by: RegistryFixture.viewer)
                seen += page.items.map(\.version)
                cursor = page.nextCursor
                _ = try await fixture.controlPlane.registerVersion(
                    of: name, VersionDraft(), by: RegistryFixture.operators)
            } while cursor != nil
            #expect(seen == Array((1...25).reversed()))
            let wrong = try await refusal {
                _ = try await fixture.controlPlane.versions(
                    of: name, PageRequest(cursor: "x'; --"), by: RegistryFixture.viewer)
            }
            #expect(wrong?.code == .invalid)
        }
    }

    @Test("A version that an endpoint uses is not deleted, and the endpoint is named")
    func deleteInUse() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel(versions: 2)
            let used = VersionReference(model: name, version: 1)
            try await fixture.addEndpoint("checkout", using: used)
            let refused = try await refusal {
                try await fixture.controlPlane.deleteVersion(used, by: RegistryFixture.admin)
            }
            #expect(refused?.code == .inUse)
            #expect(refused?.message.contains("checkout") == true)
            try await fixture.controlPlane.deleteVersion(
                VersionReference(model: name, version: 2), by: RegistryFixture.admin)
        }
    }

    @Test("A deleted version is gone with its aliases, and its number is not given again")
    func delete() async throws {
        try await RegistryFixture.with { fixture in
            let plane = fixture.controlPlane
            let name = try await fixture.addModel(versions: 2)
            let last = VersionReference(model: name, version: 2)
            let alias = try AliasName(validating: "champion")
            _ = try await plane.setAlias(alias, to: last, by: RegistryFixture.operators)
            try await plane.deleteVersion(last, by: RegistryFixture.admin)
            let model = try await plane.model(name, by: RegistryFixture.viewer)
            #expect(model.latestVersion == 1)
            #expect(model.aliases.isEmpty)
            let moves = try await plane.aliasChanges(name, alias, PageRequest(), by: RegistryFixture.viewer)
            #expect(moves.items.map(\.version) == [nil, 2])
            let tagging = try await refusal {
                _ = try await plane.annotateVersion(
                    last, Annotations(setTags: ["a": "b"]), by: RegistryFixture.operators)
            }
            #expect(tagging?.code == .notFound)
            let next = try await plane.registerVersion(of: name, VersionDraft(), by: RegistryFixture.operators)
            #expect(next.version == 3)
        }
    }

    @Test(
        "What can't be kept is refused with its name",
        arguments: [
            (VersionDraft(metrics: ["auc": .nan]), "auc"),
            (VersionDraft(metrics: ["": 1]), "metric"),
            (VersionDraft(tags: [String(repeating: "k", count: 251): "v"]), "tag"),
            (VersionDraft(source: "git+https://x\nInjected: 1"), "source"),
            (VersionDraft(description: "nul\0"), "description"),
        ])
    func refusedDrafts(draft: VersionDraft, named: String) async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel()
            let refused = try await refusal {
                _ = try await fixture.controlPlane.registerVersion(of: name, draft, by: RegistryFixture.operators)
            }
            #expect(refused?.code == .invalid)
            #expect(refused?.message.contains(named) == true)
        }
    }
}
