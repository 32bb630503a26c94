import ControlPlane
import RegistryStore
import Resources
import Testing

@Suite struct RegistryModelTests {
    @Test("A model is found as it was created, and only once by its name")
    func create() async throws {
        try await RegistryFixture.with { fixture in
            let name = try ModelName(validating: "Credit risk, EU")
            let draft = ModelDraft(name: name, description: "for Ünïcode", tags: ["team": "risk", "tier": ""])
            let created = try await fixture.controlPlane.createModel(draft, by: RegistryFixture.operators)
            #expect(created.description == "for Ünïcode")
            #expect(created.tags == ["team": "risk", "tier": ""])
            #expect(created.latestVersion == nil)
            #expect(created.createdBy == "olga")
            #expect(try await fixture.controlPlane.model(name, by: RegistryFixture.viewer) == created)
            let again = try await refusal {
                _ = try await fixture.controlPlane.createModel(draft, by: RegistryFixture.operators)
            }
            #expect(again?.code == .alreadyExists)
        }
    }

    @Test("Pages of models neither repeat nor skip one, whatever is created meanwhile")
    func pages() async throws {
        try await RegistryFixture.with { fixture in
            let expected = (10..<35).map { "model-\($0)" }
            for name in expected { _ = try await fixture.addModel(name) }
            var seen: [String] = []
            var cursor: String?
            repeat {
                let page = try await fixture.controlPlane.models(
                    PageRequest(limit: 10, cursor: cursor), by: RegistryFixture.viewer)
                seen += page.items.map(\.name.rawValue)
                cursor = page.nextCursor
                if cursor != nil { _ = try await fixture.addModel("a-\(seen.count)") }
            } while cursor != nil
            #expect(seen == expected)
        }
    }

    @Test("A model whose version an endpoint uses is not deleted, and the endpoints are named")
    func deleteInUse() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel(versions: 2)
            try await fixture.addEndpoint("fraud-eu", using: VersionReference(model: name, version: 2))
            try await fixture.addEndpoint("fraud-us", using: VersionReference(model: name, version: 2))
            let refused = try await refusal {
                try await fixture.controlPlane.deleteModel(name, by: RegistryFixture.admin)
            }
            #expect(refused?.code == .inUse)
            #expect(refused?.message.contains("fraud-eu, fraud-us") == true)
            #expect(try await fixture.controlPlane.model(name, by: RegistryFixture.viewer).latestVersion == 2)
        }
    }

    @Test("A model that was deleted and created again goes on counting its versions")
    func numbersSurviveDeletion() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel(versions: 3)
            let champion = try AliasName(validating: "champion")
            _ = try await fixture.controlPlane.setAlias(
                champion, to: VersionReference(model: name, version: 1), by: RegistryFixture.admin)
            try await fixture.controlPlane.deleteModel(name, by: RegistryFixture.admin)
            let gone = try await refusal { _ = try await fixture.controlPlane.model(name, by: RegistryFixture.viewer) }
            #expect(gone?.code == .notFound)
            let back = try await fixture.controlPlane.createModel(ModelDraft(name: name), by: RegistryFixture.admin)
            #expect(back.latestVersion == nil)
            #expect(back.aliases.isEmpty)
            let version = try await fixture.controlPlane.registerVersion(
                of: name, VersionDraft(), by: RegistryFixture.admin)
            #expect(version.version == 4)
            let old = try await refusal {
                _ = try await fixture.controlPlane.version(
                    VersionReference(model: name, version: 1), by: RegistryFixture.viewer)
            }
            #expect(old?.code == .notFound)
        }
    }

    @Test("Tags are set and removed, and the description is replaced, without touching the rest")
    func annotate() async throws {
        try await RegistryFixture.with { fixture in
            let name = try ModelName(validating: "fraud")
            _ = try await fixture.controlPlane.createModel(
                ModelDraft(name: name, description: "one", tags: ["a": "1", "b": "2"]), by: RegistryFixture.admin)
            let tagged = try await fixture.controlPlane.annotateModel(
                name, Annotations(setTags: ["a": "3", "c": "4"], removeTags: ["b", "none"]), by: RegistryFixture.admin)
            #expect(tagged.tags == ["a": "3", "c": "4"])
            #expect(tagged.description == "one")
            let described = try await fixture.controlPlane.annotateModel(
                name, Annotations(description: "two"), by: RegistryFixture.admin)
            #expect(described.tags == ["a": "3", "c": "4"])
            #expect(described.description == "two")
            let both = try await refusal {
                _ = try await fixture.controlPlane.annotateModel(
                    name, Annotations(setTags: ["a": "1"], removeTags: ["a"]), by: RegistryFixture.admin)
            }
            #expect(both?.code == .invalid)
        }
    }

    @Test("Nobody changes anything whose role is too low")
    func roles() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel(versions: 1)
            let reference = VersionReference(model: name, version: 1)
            let alias = try AliasName(validating: "champion")
            let plane = fixture.controlPlane
            let byViewer: [() async throws -> Void] = [
                { _ = try await plane.createModel(ModelDraft(name: name), by: RegistryFixture.viewer) },
                { _ = try await plane.registerVersion(of: name, VersionDraft(), by: RegistryFixture.viewer) },
                { _ = try await plane.setAlias(alias, to: reference, by: RegistryFixture.viewer) },
                { _ = try await plane.deleteAlias(name, alias, by: RegistryFixture.viewer) },
                { _ = try await plane.annotateModel(name, Annotations(), by: RegistryFixture.viewer) },
                { _ = try await plane.annotateVersion(reference, Annotations(), by: RegistryFixture.viewer) },
                { _ = try await plane.pushArtifact(chunks([1]), expected: nil, by: RegistryFixture.viewer) },
            ]
            let byOperator: [() async throws -> Void] = [
                { try await plane.deleteModel(name, by: RegistryFixture.operators) },
                { try await plane.deleteVersion(reference, by: RegistryFixture.operators) },
                {
                    _ = try await plane.createToken(
                        name: "x", role: .viewer, lifetime: nil, by: RegistryFixture.operators)
                },
                { _ = try await plane.tokens(PageRequest(), by: RegistryFixture.operators) },
                { _ = try await plane.revokeToken("0", by: RegistryFixture.operators) },
            ]
            for work in byViewer + byOperator { #expect(try await refusal(work)?.code == .forbidden) }
            #expect(try await plane.verifyAudit(by: RegistryFixture.viewer).entries == 2)
        }
    }
}
