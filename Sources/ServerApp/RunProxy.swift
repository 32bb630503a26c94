import ControlAPIClient
package import Logging
import Proxy
import ServiceLifecycle
import Signals
import Splitting
import UnixSignals

/// Runs `turnout proxy` until it is told to stop, and then drains it.
///
/// - Parameters:
///   - say: takes lines for the person at the terminal: what is allowed in the files, and hardly meant.
///   - onListening: is told where scoring requests and metrics are.
/// - Throws: `ConfigurationFault`, `StaticTableFault` or `TurnoutError` before anything listens.
package func runProxy(
    _ configuration: ProxyAppConfiguration, logger: Logger, say: @escaping @Sendable (String) -> Void = { _ in },
    onListening: @escaping @Sendable (_ proxy: ListenAddress, _ admin: ListenAddress) async -> Void = { _, _ in }
) async throws {
    let services: [any Service]
    let host: ProxyHost
    var table: FlatTable?
    switch configuration.source {
    case .files(let directory, let environment):
        let files = try StaticTable.load(directory, environment: environment)
        for warning in files.warnings { say(warning) }
        table = try FlatTable(files.table)
        host = try ProxyHost(configuration, identity: .unnamed, file: nil, logger: logger)
        services = [host]
    case .control(let url, let token):
        try makeDataDirectory(configuration.dataDirectory)
        let linked = try linkedProxy(
            configuration, client: APIClient(url: url, token: token), logger: logger)
        host = linked.host
        services = [linked.host, linked.link]
    }
    try await host.start(serving: table)
    await onListening(host.address, host.adminAddress)
    let group = ServiceGroup(
        configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
}

/// A proxy that follows a control plane; not started yet.
func linkedProxy(
    _ configuration: ProxyAppConfiguration, client: APIClient, logger: Logger
) throws -> (host: ProxyHost, link: ControlLink) {
    let news = Activator()
    let host = try ProxyHost(
        configuration, identity: ProxyIdentity(directory: configuration.dataDirectory),
        file: TableFile(path: configuration.dataDirectory + "/routing-table"), logger: logger,
        onChange: { news.poke() })
    return (host, ControlLink(client: client, host: host, logger: logger, news: news))
}
