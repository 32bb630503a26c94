internal import Foundation
package import Postgres

extension TestDatabase {
    /// Runs `body` with a database that has all of `Migrations/`, and drops it.
    package static func withSchema<Value>(
        configure: (inout PostgresConfiguration) -> Void = { _ in }, _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        try await with(migrations: try Migration.load(directory: migrationsDirectory), configure: configure, body)
    }

    /// The checkout's, found from this file's place in it.
    package static var migrationsDirectory: String {
        var directory = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { directory.deleteLastPathComponent() }
        return directory.appendingPathComponent("Migrations").path
    }
}
