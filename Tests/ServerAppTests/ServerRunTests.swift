import ControlAPIClient
import Postgres
import Resources
import Signals
import TestSupport
import Testing

@testable import ServerApp

@Suite("Running a server")
struct ServerRunTests {
    static func configuration(_ database: TestDatabase, control: String = "127.0.0.1:0") throws -> ServerConfiguration {
        ServerConfiguration(
            control: try #require(ListenAddress(parsing: control)), databaseURL: database.url,
            dataDirectory: "/nonexistent", name: database.name)
    }

    @Test("A server refuses a database whose schema is not its own, and names what it lacks")
    func outdatedSchema() async throws {
        try await TestDatabase.with { database in
            let error = await #expect(throws: TurnoutError.self) {
                try await runServer(Self.configuration(database), logger: TestDatabase.quietLogger)
            }
            #expect(error?.message.contains("turnout migrate") == true)
            let first = try #require(EmbeddedMigrations.all.first)
            #expect(error?.message.contains(first.name) == true)
        }
    }

    @Test("Without a token, a server refuses to listen where others could reach it, and says how to make one")
    func noToken() async throws {
        try await TestDatabase.with(migrations: EmbeddedMigrations.all) { database in
            let fault = await #expect(throws: ConfigurationFault.self) {
                try await runServer(
                    Self.configuration(database, control: "0.0.0.0:0"), logger: TestDatabase.quietLogger)
            }
            #expect(fault?.message.contains("turnout token create") == true)
        }
    }

    @Test("On loopback it serves without one, but lets nobody do anything")
    func loopback() async throws {
        try await TestDatabase.with(migrations: EmbeddedMigrations.all) { database in
            let address = LatestValue<ListenAddress?>(nil)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await runServer(
                        Self.configuration(database), logger: TestDatabase.quietLogger, onListening: address.set)
                }
                var listening: ListenAddress?
                for await value in address.values() where value != nil {
                    listening = value
                    break
                }
                let client = try APIClient(url: "http://\(try #require(listening))")
                try await client.checkReadiness()
                await #expect {
                    try await client.report(
                        ProxyReport(
                            id: "p", incarnation: "i", address: "", adminAddress: "", generation: 0, digest: "",
                            unhealthy: []))
                } throws: { ($0 as? ClientError)?.code == .refused(.unauthenticated) }
                group.cancelAll()
            }
        }
    }
}
