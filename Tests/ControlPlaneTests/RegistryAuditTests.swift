import ControlPlane
import Postgres
import RegistryStore
import Resources
import TestSupport
import Testing

@Suite struct RegistryAuditTests {
    @Test("Every change has its entry, with who, what and why, in the order of the changes")
    func entries() async throws {
        try await RegistryFixture.with { fixture in
            let plane = fixture.controlPlane
            let name = try await fixture.addModel()
            _ = try await plane.registerVersion(
                of: name, VersionDraft(commit: "4f1c2d"), reason: "nightly \"build\" – ünïcode",
                by: RegistryFixture.operators)
            let alias = try AliasName(validating: "champion")
            let reference = VersionReference(model: name, version: 1)
            _ = try await plane.setAlias(alias, to: reference, by: RegistryFixture.operators)
            _ = try await plane.setAlias(alias, to: reference, by: RegistryFixture.operators)
            let page = try await plane.auditEntries(subject: nil, PageRequest(), by: RegistryFixture.viewer)
            #expect(page.items.map(\.action) == ["alias.set", "version.register", "model.create"])
            #expect(page.items.map(\.subject) == ["fraud@champion", "fraud/1", "fraud"])
            #expect(page.items.map(\.sequence) == [3, 2, 1])
            #expect(page.items[1].actor == "olga")
            #expect(page.items[1].role == .operator)
            #expect(page.items[1].reason == "nightly \"build\" – ünïcode")
            #expect(page.items[1].detail.contains("4f1c2d"))
            let one = try await plane.auditEntries(subject: "fraud/1", PageRequest(), by: RegistryFixture.viewer)
            #expect(one.items == [page.items[1]])
            #expect(try await plane.verifyAudit(by: RegistryFixture.viewer).head == page.items[0].hash)
        }
    }

    @Test("A change that fails leaves no entry, and its entry's number goes to the next change")
    func atomicity() async throws {
        try await RegistryFixture.with { fixture in
            let name = try await fixture.addModel()
            struct Failure: Error {}
            await #expect(throws: Failure.self) {
                try await fixture.store.transaction { transaction in
                    try await fixture.controlPlane.appendAudit(
                        transaction, RegistryFixture.admin, action: "test.fail", subject: "x")
                    throw Failure()
                }
            }
            _ = try await fixture.controlPlane.registerVersion(of: name, VersionDraft(), by: RegistryFixture.admin)
            let page = try await fixture.controlPlane.auditEntries(
                subject: nil, PageRequest(), by: RegistryFixture.viewer)
            #expect(page.items.map(\.action) == ["version.register", "model.create"])
            #expect(page.items.map(\.sequence) == [2, 1])
        }
    }

    @Test(
        "Whatever is changed, added or taken away behind the back of the log is found",
        arguments: [
            ("UPDATE audit_entry SET reason = 'another' WHERE sequence = 3", "entry 3 was changed"),
            ("UPDATE audit_entry SET actor = 'vera' WHERE sequence = 2", "entry 2 was changed"),
            ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE sequence = 1", "entry 1 was changed"),
            ("UPDATE audit_entry SET detail = '{ }' WHERE sequence = 4", "entry 4 was changed"),
            ("DELETE FROM audit_entry WHERE sequence = 2", "entry 2 is missing"),
            ("DELETE FROM audit_entry WHERE sequence = 5", "the chain should end with entry 5"),
            ("DELETE FROM audit_entry", "the chain should end with entry 5"),
            (
                "UPDATE audit_entry SET reason = 'x', hash = sha256('forged') WHERE sequence = 3",
                "entry 3 was changed"
            ),
            ("UPDATE audit_chain SET hash = sha256('forged')", "the chain should end with entry 5"),
        ])
    func tampering(sql: String, fault: String) async throws {
        try await RegistryFixture.with { fixture in
            _ = try await fixture.addModel(versions: 4)
            #expect(try await fixture.controlPlane.verifyAudit(by: RegistryFixture.viewer).fault == nil)
            // What a superuser can do, who alone gets past the triggers.
            for table in ["audit_entry", "audit_chain"] {
                _ = try await fixture.database.pool.execute("ALTER TABLE \(table) DISABLE TRIGGER USER")
            }
            _ = try await fixture.database.pool.execute(sql)
            let verification = try await fixture.controlPlane.verifyAudit(by: RegistryFixture.viewer)
            #expect(verification.fault?.hasPrefix(fault) == true, "\(String(describing: verification.fault))")
        }
    }

    @Test("Two fields of an entry can't trade characters unnoticed")
    func fieldBoundaries() async throws {
        try await RegistryFixture.with { fixture in
            try await fixture.store.transaction { transaction in
                try await fixture.controlPlane.appendAudit(
                    transaction, RegistryFixture.admin, action: "ab", subject: "c", reason: "")
            }
            #expect(try await fixture.controlPlane.verifyAudit(by: RegistryFixture.viewer).fault == nil)
            _ = try await fixture.database.pool.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
            _ = try await fixture.database.pool.execute("UPDATE audit_entry SET action = 'a', subject = 'bc'")
            #expect(try await fixture.controlPlane.verifyAudit(by: RegistryFixture.viewer).fault != nil)
            _ = try await fixture.database.pool.execute(
                "UPDATE audit_entry SET action = 'ab', subject = 'c', reason = NULL")
            #expect(try await fixture.controlPlane.verifyAudit(by: RegistryFixture.viewer).fault != nil)
        }
    }
}
