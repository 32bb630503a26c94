import Postgres
import TestSupport
import Testing

struct MigrationTests {
    private static let one = Migration(number: 1, name: "0001_create_model", sql: "CREATE TABLE model (name text)")
    private static let two = Migration(
        number: 2, name: "0002_add_age", sql: "ALTER TABLE model ADD age int; INSERT INTO model VALUES ('é', 1)")

    @Test func `Migrations are applied once, in order, and check says so`() async throws {
        try await TestDatabase.with { database async throws in
            let first = MigrationRunner(database.pool, migrations: [Self.one])
            #expect(try await first.check().pending == [Self.one])
            #expect(try await first.apply() == [Self.one])
            let both = MigrationRunner(database.pool, migrations: [Self.one, Self.two])
            #expect(try await both.check().pending == [Self.two])
            #expect(try await both.apply() == [Self.two])
            #expect(try await both.apply() == [])
            #expect(try await both.check().isUpToDate)
            #expect(try await database.pool.query("SELECT name, age FROM model").count == 1)
        }
    }

    @Test func `A changed migration is refused by name`() async throws {
        try await TestDatabase.with(migrations: [Self.one, Self.two]) { database async throws in
            let changed = Migration(number: 1, name: Self.one.name, sql: Self.one.sql + " ")
            let runner = MigrationRunner(database.pool, migrations: [changed, Self.two])
            let error = await expectCode(.migrationRefused) { try await runner.check() }
            #expect(error?.description.contains("0001_create_model has changed") == true)
            await expectCode(.migrationRefused) { try await runner.apply() }
        }
    }

    @Test func `A missing migration, a gap and an unknown newer one are refused by name`() async throws {
        try await TestDatabase.with(migrations: [Self.one, Self.two]) { database async throws in
            let pool = database.pool
            let replaced = Migration(number: 1, name: "0001_create_other", sql: "SELECT 1")
            let missing = await expectCode(.migrationRefused) {
                try await MigrationRunner(pool, migrations: [replaced, Self.two]).check()
            }
            #expect(missing?.message.contains("0001_create_model was applied to the database and is missing") == true)
            let newer = await expectCode(.migrationRefused) {
                try await MigrationRunner(pool, migrations: [Self.one]).apply()
            }
            #expect(newer?.message.contains("0002_add_age, which this program doesn't know") == true)
            let gap = await expectCode(.migrationRefused) {
                try await MigrationRunner(pool, migrations: [Self.two]).check()
            }
            #expect(gap?.message.contains("migration 0001 is missing before 0002_add_age") == true)
        }
    }

    @Test func `A migration that fails leaves nothing behind, and the ones before it stay`() async throws {
        try await TestDatabase.with { database async throws in
            let bad = Migration(number: 2, name: "0002_break", sql: "CREATE TABLE half (a int); SELECT 1 / 0")
            let error = await expectCode(.refused) {
                try await MigrationRunner(database.pool, migrations: [Self.one, bad]).apply()
            }
            #expect(error?.sqlState == "22012")
            #expect(error?.message.contains("0002_break") == true)
            let rows = try await database.pool.query("SELECT to_regclass('half') IS NULL AS gone")
            #expect(try rows.first?.decode("gone", as: Bool.self) == true)
            #expect(try await MigrationRunner(database.pool, migrations: [Self.one]).check().isUpToDate)
        }
    }

    @Test func `A migration that ends its own transaction is refused`() async throws {
        try await TestDatabase.with { database async throws in
            let bad = Migration(number: 1, name: "0001_commit", sql: "CREATE TABLE model (a int); COMMIT")
            let error = await expectCode(.migrationRefused) {
                try await MigrationRunner(database.pool, migrations: [bad]).apply()
            }
            #expect(error?.message.contains("0001_commit") == true)
        }
    }

    @Test func `Of several programs that migrate at a time, one does the work`() async throws {
        try await TestDatabase.with { database async throws in
            let pool = database.pool
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 {
                    group.addTask { try await MigrationRunner(pool, migrations: [Self.one, Self.two]).apply().count }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(applied.sorted() == [0, 0, 0, 0, 0, 2])
        }
    }

    @Test func `A file's name gives number and name, and a bad name is refused`() throws {
        let migration = try Migration(fileName: "0042_add_alias_history.sql", sql: "")
        #expect(migration.number == 42 && migration.name == "0042_add_alias_history")
        for name in ["42_add.sql", "0042.sql", "0042_.sql", "0042_Add.sql", "0042-add.sql", "0042_add", "é042_a.sql"] {
            #expect(code { try Migration(fileName: name, sql: "") } == .migrationRefused, "\(name)")
        }
    }
}
