import ControlAPI
import ControlAPIClient
package import Logging
import Postgres
import Resources
import ServiceLifecycle
import Signals
import UnixSignals

/// Runs `turnout dev` until it is told to stop: database, control plane and proxy in one process.
///
/// - Parameters:
///   - say: takes lines for the person at the terminal: what is waited for, what was applied.
///   - onReady: is told where everything is, once it is up.
package func runDev(
    _ configuration: DevConfiguration, logger: Logger, say: @escaping @Sendable (String) -> Void,
    onReady: @escaping @Sendable (DevBanner) async -> Void = { _ in }
) async throws {
    try makeDataDirectory(configuration.dataDirectory)
    try await StartFault.explaining { try await runOnDatabase(configuration, logger, say, onReady) }
}

private func runOnDatabase(
    _ configuration: DevConfiguration, _ logger: Logger, _ say: @escaping @Sendable (String) -> Void,
    _ onReady: @escaping @Sendable (DevBanner) async -> Void
) async throws {
    guard let url = configuration.databaseURL else {
        var settings = PrivatePostgresConfiguration(
            directory: absolutePath(configuration.dataDirectory) + "/postgres",
            binaries: configuration.postgresBinaries)
        settings.maximumConnections = 50
        say("Starting a private PostgreSQL in \(configuration.dataDirectory)/postgres …")
        let server = try PrivatePostgresServer(settings, logger: logger)
        let url = try await server.start()
        do {
            try await runDev(
                configuration, databaseURL: url, database: "psql '\(url)'", logger: logger, say: say, onReady: onReady)
        } catch {
            try await server.stop()
            throw error
        }
        return try await server.stop()
    }
    say("Using the database of TURNOUT_DATABASE_URL …")
    try await runDev(
        configuration, databaseURL: url, database: "as TURNOUT_DATABASE_URL says", logger: logger, say: say,
        onReady: onReady)
}

private func runDev(
    _ configuration: DevConfiguration, databaseURL: String, database: String, logger: Logger,
    say: @escaping @Sendable (String) -> Void, onReady: @escaping @Sendable (DevBanner) async -> Void
) async throws {
    let pool = PostgresPool(PostgresConfiguration(url: databaseURL), logger: logger)
    do {
        try await pool.waitUntilReachable(logger: logger)
        let applied = try await Schema(pool, logger: logger).migrate()
        if !applied.isEmpty { say("Brought the schema up to date (\(applied.count) migrations).") }
        try await serve(configuration, pool, database, logger, say, onReady)
    } catch {
        await pool.shutdown()
        throw error
    }
    await pool.shutdown()
}

private func serve(
    _ configuration: DevConfiguration, _ pool: PostgresPool, _ database: String, _ logger: Logger,
    _ say: @escaping @Sendable (String) -> Void, _ onReady: @escaping @Sendable (DevBanner) async -> Void
) async throws {
    let listening = LatestValue<ListenAddress?>(nil)
    let control = configuration.control
    let assembly = try ControlPlaneAssembly(
        pool: pool, control: control,
        access: { _ in .open(hosts: ["127.0.0.1", "localhost", "[::1]", control.host]) },
        artifacts: configuration.dataDirectory + "/artifacts", name: ProcessName.current, logger: logger,
        onListening: { port in listening.set(control.with(port: port)) })
    var services = assembly.services
    services.append(
        DevProxy(
            configuration: configuration, database: database, listening: listening, logger: logger, onReady: onReady))
    if let directory = configuration.directory {
        services.append(
            DirectoryApply(
                directory: directory, environment: configuration.environment, controlPlane: assembly.controlPlane,
                say: say))
    }
    let group = ServiceGroup(
        configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
}

/// The proxy of `dev`: starts once the control API listens, and talks to it like any other.
private struct DevProxy: Service {
    let configuration: DevConfiguration
    let database: String
    let listening: LatestValue<ListenAddress?>
    let logger: Logger
    let onReady: @Sendable (DevBanner) async -> Void

    func run() async throws {
        guard let control = await address() else { return }
        let directory = configuration.dataDirectory + "/proxy"
        try makeDataDirectory(directory)
        var settings = ProxyAppConfiguration(
            source: .control(url: "http://\(control)", token: nil), proxy: configuration.proxy,
            admin: configuration.admin, dataDirectory: directory, threads: configuration.threads,
            records: configuration.records)
        settings.memoryLimit = configuration.memoryLimit
        // Whoever ends it by hand waits.
        settings.drainIdleTimeout = .seconds(1)
        let (host, link) = try linkedProxy(
            settings, directory: directory, client: APIClient(url: "http://\(control)", actor: "turnout dev's proxy"),
            logger: logger)
        try await host.start()
        await onReady(
            DevBanner(
                control: control, proxy: host.address, admin: host.adminAddress, database: database,
                directory: configuration.directory))
        try await withThrowingTaskGroup { group in
            group.addTask { try await host.run() }
            group.addTask { try await link.run() }
            try await group.waitForAll()
        }
    }

    private func address() async -> ListenAddress? {
        await cancelWhenGracefulShutdown {
            for await address in listening.values() {
                if let address { return address }
            }
            return nil
        }
    }
}
