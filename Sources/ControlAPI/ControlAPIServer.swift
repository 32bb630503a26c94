package import Hummingbird
package import Logging
import Resources
import ServiceLifecycle

/// Serves a router's responder on one address until it is told to shut down; then answers what is under way, and ends.
package struct ControlAPIServer<Responder: HTTPResponder>: Service where Responder.Context == APIContext {
    private let address: String
    private let application: Application<Responder>

    /// - Parameters:
    ///   - port: 0 lets the system choose.
    ///   - onListening: is told the port once connections are taken.
    package init(
        responder: Responder, host: String, port: Int, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        address = "\(host):\(port)"
        application = Application(
            responder: responder,
            server: .http1(configuration: .init(idleTimeout: .seconds(75))),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), backlog: 1024),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger)
    }

    /// - Throws: `TurnoutError` with code `unavailable` when the address can't be had.
    package func run() async throws {
        do {
            try await application.run()
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw TurnoutError(.unavailable, "The control API can't serve on \(address): \(error)")
        }
    }
}
