import Postgres
import RegistryStore
import Resources
import TestSupport
import Testing

@Suite struct AppendOnlyTests {
    /// A row in each table of the registry.
    private static func fill(_ store: RegistryStore) async throws {
        let now = Timestamp(microseconds: 1_000_000)
        let name = try ModelName(validating: "fraud")
        let digest = try ArtifactDigest(validating: "sha256:" + String(repeating: "a", count: 64))
        try await store.transaction { transaction in
            _ = try await transaction.insertModel(ModelDraft(name: name, tags: ["a": "b"]), at: now, by: "ada")
            _ = try await transaction.insertArtifact(digest, size: 1, at: now, by: "ada")
            let draft = VersionDraft(tags: ["a": "b"], artifacts: [try ArtifactName(validating: "m"): digest])
            _ = try await transaction.insertVersion(of: name, draft, at: now, by: "ada")
            let id = try await transaction.modelID(name) ?? 0
            try await transaction.setAlias(
                id, AliasName(validating: "champion"), to: 1, at: now, by: "ada", reason: nil)
            try await transaction.appendAudit(
                AuditDraft(
                    at: now, actor: "ada", role: .admin, action: "test", subject: "x", reason: nil, detail: "{}"))
        }
    }

    @Test(
        "PostgreSQL itself refuses to change or remove what is history",
        arguments: [
            "UPDATE audit_entry SET actor = 'vera'", "DELETE FROM audit_entry", "TRUNCATE audit_entry",
            "DELETE FROM audit_chain", "TRUNCATE audit_chain",
            "UPDATE model_alias_history SET number = NULL", "DELETE FROM model_alias_history",
            "UPDATE artifact SET size = 2", "DELETE FROM artifact",
            "UPDATE version_artifact SET name = 'n'", "DELETE FROM version_artifact",
            "DELETE FROM model_version", "UPDATE model_version SET source = 'elsewhere'",
            "UPDATE model_version SET number = 2", "UPDATE model_version SET metrics = '{\"auc\": 1}'",
            "UPDATE model_version SET created_by = 'vera'", "UPDATE model_version SET commit = 'x'",
            "DELETE FROM model", "UPDATE model SET version_counter = 0", "UPDATE model SET version_counter = 7",
        ])
    func history(sql: String) async throws {
        try await TestDatabase.withSchema { database in
            let store = RegistryStore(pool: database.pool)
            try await Self.fill(store)
            let refused = await #expect(throws: RegistryViolation.self) {
                try await store.transaction { try await $0.execute(sql) }
            }
            #expect(refused?.kind == .appendOnly)
        }
    }

    @Test("A version that was deleted stays deleted, and as it was")
    func tombstone() async throws {
        try await TestDatabase.withSchema { database in
            let store = RegistryStore(pool: database.pool)
            try await Self.fill(store)
            try await store.transaction { transaction in
                try await transaction.execute("UPDATE model_version SET deleted_at = now(), deleted_by = 'ada'")
            }
            for change in ["deleted_at = NULL, deleted_by = NULL", "description = 'x'"] {
                let refused = await #expect(throws: RegistryViolation.self) {
                    try await store.transaction { try await $0.execute("UPDATE model_version SET \(change)") }
                }
                #expect(refused?.kind == .appendOnly)
            }
        }
    }

    @Test(
        "Constraints refuse what no use case would write",
        arguments: [
            (
                "INSERT INTO model (name, created_at, created_by, updated_at) VALUES ('a/b', now(), 'x', now())",
                "model_name_check"
            ),
            (
                "INSERT INTO model (name, created_at, created_by, updated_at) VALUES ('fraud', now(), 'x', now())",
                "model_name_key"
            ),
            (
                "INSERT INTO model_version (model_id, number, source, created_at, created_by, updated_at) VALUES (1, 1, '', now(), 'x', now())",
                "model_version_pkey"
            ),
            ("INSERT INTO artifact VALUES ('sha256:xyz', 1, now(), 'x')", "artifact_digest_check"),
            ("INSERT INTO model_alias VALUES (1, 'latest', 1, now(), 'x')", "model_alias_alias_check"),
            ("INSERT INTO model_alias VALUES (1, 'V7', 1, now(), 'x')", "model_alias_alias_check"),
            ("INSERT INTO model_alias VALUES (1, 'a b', 1, now(), 'x')", "model_alias_alias_check"),
            ("INSERT INTO model_alias VALUES (1, 'next', 2, now(), 'x')", "model_alias_model_id_number_fkey"),
            (
                "INSERT INTO audit_chain (is_only, sequence, hash) VALUES (false, 1, sha256(''))",
                "audit_chain_is_only_check"
            ),
            (
                "INSERT INTO api_token VALUES ('0123456789ab', 'x', 'root', sha256(''), now(), 'x')",
                "api_token_role_check"
            ),
        ])
    func constraints(sql: String, constraint: String) async throws {
        try await TestDatabase.withSchema { database in
            let store = RegistryStore(pool: database.pool)
            try await Self.fill(store)
            let refused = await #expect(throws: RegistryViolation.self) {
                try await store.transaction { try await $0.execute(sql) }
            }
            #expect(refused?.constraint == constraint)
        }
    }
}
