internal import Foundation
package import Postgres

extension TestDatabase {
    private static let gate = TestGate(places: 8)

    /// Runs `body` with a database that has all of `Migrations/`, and drops it.
    package static func withSchema<Value>(
        configure: (inout PostgresConfiguration) -> Void = { _ in }, _ body: (TestDatabase) async throws -> Value
    ) async throws -> Value {
        await gate.enter()
        defer { gate.leave() }
        return try await with(
            migrations: try Migration.load(directory: migrationsDirectory),
            configure: { configuration in
                // A busy machine is no fault of the product's; tests of time-outs set their own.
                configuration.connectTimeout = .seconds(60)
                configuration.acquireTimeout = .seconds(60)
                configure(&configuration)
            }, body)
    }

    /// The checkout's, found from this file's place in it.
    package static var migrationsDirectory: String {
        var directory = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { directory.deleteLastPathComponent() }
        return directory.appendingPathComponent("Migrations").path
    }
}
