import ControlPlane
import RegistryStore
import Resources
import Testing

@Suite struct RegistryAliasTests {
    @Test("An alias's history says who moved it from where to where, when and why")
    func history() async throws {
        try await RegistryFixture.with { fixture in
            let plane = fixture.controlPlane
            let name = try await fixture.addModel(versions: 3)
            let alias = try AliasName(validating: "champion")
            for (version, reason) in [(1, "first"), (2, "better"), (2, "again"), (1, "worse after all")] {
                _ = try await plane.setAlias(
                    alias, to: VersionReference(model: name, version: version), reason: reason,
                    by: RegistryFixture.operators)
            }
            #expect(try await plane.deleteAlias(name, alias, reason: "done", by: RegistryFixture.admin))
            #expect(try await !plane.deleteAlias(name, alias, by: RegistryFixture.admin))
            var moves: [AliasChange] = []
            var cursor: String?
            repeat {
                let page = try await plane.aliasChanges(
                    name, alias, PageRequest(limit: 3, cursor: cursor), by: RegistryFixture.viewer)
                moves += page.items
                cursor = page.nextCursor
            } while cursor != nil
            #expect(moves.map(\.version) == [nil, 1, 2, 1])
            #expect(moves.map(\.previousVersion) == [1, 2, 1, nil])
            #expect(moves.map(\.reason) == ["done", "worse after all", "better", "first"])
            #expect(moves.map(\.changedBy) == ["ada", "olga", "olga", "olga"])
            #expect(moves.map(\.changedAt) == moves.map(\.changedAt).sorted(by: >))
        }
    }

    @Test("An alias moves only from where the mover expects it to be")
    func compareAndSet() async throws {
        try await RegistryFixture.with { fixture in
            let plane = fixture.controlPlane
            let name = try await fixture.addModel(versions: 2)
            let alias = try AliasName(validating: "champion")
            let one = VersionReference(model: name, version: 1)
            let two = VersionReference(model: name, version: 2)
            let early = try await refusal {
                _ = try await plane.setAlias(alias, to: one, expected: .version(1), by: RegistryFixture.operators)
            }
            #expect(early?.code == .conflict)
            _ = try await plane.setAlias(alias, to: one, expected: .absent, by: RegistryFixture.operators)
            let twice = try await refusal {
                _ = try await plane.setAlias(alias, to: two, expected: .absent, by: RegistryFixture.operators)
            }
            #expect(twice?.code == .conflict)
            #expect(twice?.message.contains("fraud/1") == true)
            let winners = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let won = try? await plane.setAlias(
                            alias, to: two, expected: .version(1), by: RegistryFixture.operators)
                        return won != nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(winners == 1)
            #expect(try await plane.alias(name, alias, by: RegistryFixture.viewer).version == 2)
        }
    }

    @Test("An alias points to a version that exists, and is listed with its model and its version")
    func target() async throws {
        try await RegistryFixture.with { fixture in
            let plane = fixture.controlPlane
            let name = try await fixture.addModel(versions: 1)
            let alias = try AliasName(validating: "champion")
            let missing = try await refusal {
                _ = try await plane.setAlias(
                    alias, to: VersionReference(model: name, version: 9), by: RegistryFixture.operators)
            }
            #expect(missing?.code == .notFound)
            let reference = VersionReference(model: name, version: 1)
            let set = try await plane.setAlias(alias, to: reference, by: RegistryFixture.operators)
            #expect(try await plane.aliases(of: name, PageRequest(), by: RegistryFixture.viewer).items == [set])
            #expect(try await plane.version(reference, by: RegistryFixture.viewer).aliases == [alias])
            #expect(try await plane.model(name, by: RegistryFixture.viewer).aliases == [alias: 1])
        }
    }
}
