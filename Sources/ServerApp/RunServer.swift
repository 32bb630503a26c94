import ControlAPI
import ControlPlane
package import Logging
import Postgres
import Resources
import ServiceLifecycle
import UnixSignals

/// Runs `turnout server` until it is told to stop.
///
/// - Parameter onListening: is told the control API's address.
/// - Throws: `ConfigurationFault` or `TurnoutError` before anything listens.
package func runServer(
    _ configuration: ServerConfiguration, logger: Logger,
    onListening: @escaping @Sendable (ListenAddress) async -> Void = { _ in }
) async throws {
    let pool = PostgresPool(PostgresConfiguration(url: configuration.databaseURL), logger: logger)
    do {
        try await StartFault.explaining { try await serve(configuration, pool, logger, onListening) }
    } catch {
        await pool.shutdown()
        throw error
    }
    await pool.shutdown()
}

private func serve(
    _ configuration: ServerConfiguration, _ pool: PostgresPool, _ logger: Logger,
    _ onListening: @escaping @Sendable (ListenAddress) async -> Void
) async throws {
    try await pool.waitUntilReachable(logger: logger)
    try await Schema(pool, logger: logger).requireCurrent()
    let control = configuration.control
    let assembly = try ControlPlaneAssembly(
        pool: pool, control: control,
        access: { controlPlane in .tokens(authenticate: { try await controlPlane.authenticate($0) }) },
        artifacts: configuration.dataDirectory + "/artifacts", name: configuration.name, logger: logger,
        onListening: { port in
            let address = control.with(port: port)
            logger.info("The control API listens", metadata: ["address": "\(address)"])
            await onListening(address)
        })
    if try await !assembly.controlPlane.hasUsableToken() {
        let advice = "Make the first one: turnout token create NAME --role admin --database-url URL"
        guard control.isLoopback else {
            throw ConfigurationFault(
                key: "--control (TURNOUT_CONTROL)",
                message: "\(control) can be reached from elsewhere, but there is no token yet. \(advice)")
        }
        logger.warning("Nobody can use the control API: there is no token yet", metadata: ["advice": "\(advice)"])
    }
    let group = ServiceGroup(
        configuration: .init(
            services: assembly.services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
}
