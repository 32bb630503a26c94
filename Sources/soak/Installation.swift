import ControlAPIClient
import Foundation
import Glibc
import Logging
import Postgres
import Resources
import SoakHistory
import TestSupport

/// Everything that a run has running: PostgreSQL, servers behind relays, proxies, scorers.
final class Installation: Sendable {
    static let quiet = Logger(label: "soak") { _ in SwiftLogNoOpLogHandler() }
    private static let readyLimit = Duration.seconds(60)

    let directory: URL
    let disk: PostgresDisk
    let clock: PostgresClock?
    let postgres: PrivatePostgresServer
    /// Past the relays.
    let databaseURL: String
    let observer: Observer
    let servers: [TurnoutServer]
    /// Each follows one of the servers; not started with the others.
    let proxies: [TurnoutProxy]
    let scorers: [VariantName: StubScorer]
    let adminToken: String
    private let executable: URL?

    /// Starts PostgreSQL and the servers, with the schema, the witnesses and a first token in place.
    ///
    /// - Parameters:
    ///   - directory: of the run alone; PostgreSQL's user must be able to pass through it.
    ///   - executable: the `turnout` to run; `nil` for the one of this build.
    init(directory: URL, servers count: Int, proxies proxyCount: Int, executable: URL?) async throws {
        self.directory = directory
        self.executable = executable
        disk = try PostgresDisk(directory: directory.appending(path: "disk"))
        clock = try PostgresClock(directory: directory)
        var configuration = PrivatePostgresConfiguration(
            directory: disk.directory.appending(path: "postgres").path, binaries: clock?.binaries)
        configuration.maximumConnections = 200
        postgres = try PrivatePostgresServer(configuration, logger: Self.quiet)
        databaseURL = try await postgres.start()
        let pool = PostgresPool(
            PostgresConfiguration(
                url: databaseURL, maximumConnections: 24, acquireTimeout: .seconds(5), applicationName: "soak"),
            logger: Self.quiet)
        observer = Observer(pool: pool)
        try await Self.run(["migrate", "--database-url", databaseURL], executable, directory)
        adminToken = try await Self.run(
            ["token", "create", "soak", "--role", "admin", "--database-url", databaseURL], executable, directory)
        try await Witnesses.install(pool)
        let socket = Self.socketPath(databaseURL)
        servers = try (0..<count).map { number in
            try TurnoutServer(
                number: number, relay: try DatabaseRelay(name: "server \(number)", socketPath: socket),
                executable: executable, directory: directory)
        }
        proxies = try (0..<proxyCount).map { [servers, adminToken] number in
            try TurnoutProxy(
                number: number, server: servers[number % servers.count].url, token: adminToken, executable: executable,
                directory: directory)
        }
        scorers = Dictionary(
            uniqueKeysWithValues: try OperationChooser.variants.map { ($0, try StubScorer(version: $0.rawValue)) })
        for server in servers { try start(server) }
        try await serversAreReady()
    }

    var postgresLog: URL { URL(filePath: postgres.configuration.directory + ".log") }

    func start(_ server: TurnoutServer) throws {
        try server.start(
            databaseURL: server.relay.url(user: postgres.configuration.user, database: postgres.configuration.database))
    }

    func serversAreReady() async throws {
        for server in servers {
            try await eventually(deadline: Self.readyLimit, "server \(server.number) is ready") {
                try await server.isReady()
            }
        }
    }

    /// Starts the proxies, and waits until each serves a table.
    func startProxies() async throws {
        for proxy in proxies {
            try proxy.start()
            try await eventually(deadline: Self.readyLimit, "\(proxy.name) is ready") { try await proxy.isReady() }
        }
    }

    /// Starts PostgreSQL if it isn't there, whatever became of it.
    /// - Parameter afresh: also when it is there.
    func ensurePostgres(afresh: Bool) async throws {
        if !afresh, (try? await observer.pool.query("SELECT 1 AS one", [], deadline: .now + .seconds(2))) != nil {
            return
        }
        try await postgres.stop(.immediate)
        try await postgres.start()
    }

    /// Stops servers and proxies orderly.
    /// - Returns: whether each ended so.
    func stopTurnout() async throws -> Bool {
        var codes: [Int32] = []
        for server in servers {
            server.send(SIGTERM)
            codes.append(try await server.waitForExit())
        }
        for proxy in proxies {
            proxy.send(SIGTERM)
            codes.append(try await proxy.waitForExit())
        }
        return codes.allSatisfy { $0 == 0 }
    }

    /// Ends everything at once.
    func remove() async {
        for server in servers {
            server.send(SIGKILL)
            server.relay.stop()
        }
        for proxy in proxies { proxy.send(SIGKILL) }
        for scorer in scorers.values { scorer.stop() }
        await observer.pool.shutdown()
        try? await postgres.stop(.fast)
        disk.remove()
    }

    /// Runs a command of `turnout` to its end.
    /// - Returns: what it printed.
    @discardableResult
    private static func run(_ arguments: [String], _ executable: URL?, _ directory: URL) async throws -> String {
        let output = directory.appending(path: "\(arguments[0]).out")
        let process = try TurnoutProcess(arguments, executable: executable, outputFile: output)
        let code = try await process.waitForExit(within: .seconds(60))
        guard code == 0 else { throw ProcessFailure("turnout \(arguments[0]) ended with \(code): \(process.output())") }
        return process.output().trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func socketPath(_ url: String) -> String {
        let items = URLComponents(string: url)?.queryItems ?? []
        func value(_ name: String) -> String { items.first { $0.name == name }?.value ?? "" }
        return "\(value("host"))/.s.PGSQL.\(value("port"))"
    }
}
