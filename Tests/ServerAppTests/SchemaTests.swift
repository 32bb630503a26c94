import Foundation
import Postgres
import TestSupport
import Testing

@testable import ServerApp

@Suite("The schema in the binary")
struct SchemaTests {
    @Test("The embedded migrations are the ones in Migrations/ (otherwise: .ci/embed-migrations)")
    func embedded() throws {
        let files = try Migration.load(directory: RepositoryFiles.migrations)
        #expect(!files.isEmpty)
        #expect(EmbeddedMigrations.all.map(\.name) == files.map(\.name))
        let changed = zip(EmbeddedMigrations.all, files).filter { $0 != $1 }.map { $1.name }
        #expect(changed.isEmpty)
    }

    @Test("Migrations/schema.sql is what the migrations make (otherwise: .ci/dump-schema)")
    func dump() async throws {
        let dumped = try await TestDatabase.with(migrations: EmbeddedMigrations.all) { try await SchemaDump.of($0.url) }
        let path = RepositoryFiles.migrations + "/schema.sql"
        if ProcessInfo.processInfo.environment["TURNOUT_WRITE_SCHEMA"] == "1" {
            try dumped.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let isSame = try String(contentsOfFile: path, encoding: .utf8) == dumped
        #expect(isSame)
    }

    @Test("Migrating twice changes nothing, and check says whether there is something to do")
    func twice() async throws {
        try await TestDatabase.with { database in
            let schema = Schema(database.pool, logger: TestDatabase.quietLogger)
            let before = try await schema.check()
            #expect(!before.isUpToDate)
            let first = try await schema.migrate()
            #expect(first == EmbeddedMigrations.all)
            let second = try await schema.migrate()
            #expect(second.isEmpty)
            let after = try await schema.check()
            #expect(after.isUpToDate)
        }
    }
}
