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
    // Files are read, and refused, before another proxy is asked for its place.
    let table = try staticTable(configuration.source, say)
    var place: ProxyPlace?
    if let directory = configuration.dataDirectory {
        place = try await ProxyPlace.claim(directory, configuration, logger: logger)
    }
    let (host, link) = try proxy(configuration, place, logger)
    try await host.start(serving: table)
    if let predecessor = place?.predecessor {
        guard try await blocking({ predecessor.release() }) else {
            await host.withdraw()
            throw StartFault(
                description: "the running proxy, process \(predecessor.process), did not wait, and serves on")
        }
        place?.lock.sign()
    }
    await onListening(host.address, host.adminAddress)
    var services: [ServiceGroupConfiguration.ServiceConfiguration] = [.init(service: host)]
    if let link { services.append(.init(service: link)) }
    if let place, let takeovers = takeovers(place, host, link, logger) {
        services.append(.init(service: takeovers, successTerminationBehavior: .gracefullyShutdownGroup))
    }
    let group = ServiceGroup(
        configuration: .init(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
}

private func staticTable(_ source: ProxyAppConfiguration.Source, _ say: (String) -> Void) throws -> FlatTable? {
    guard case .files(let directory, let environment) = source else { return nil }
    let bytes = try staticTableBytes(directory, environment, say)
    // What stays of reading files would lie scattered over all the pages that reading took: it is made anew, in one place.
    Proxy.giveBackMemory()
    return try FlatTable(validating: bytes)
}

private func staticTableBytes(
    _ directory: String, _ environment: String?, _ say: (String) -> Void
) throws -> [UInt8] {
    let files = try StaticTable.load(directory, environment: environment)
    for warning in files.warnings { say(warning) }
    return try FlatTable(files.table).bytes()
}

private func proxy(
    _ configuration: ProxyAppConfiguration, _ place: ProxyPlace?, _ logger: Logger
) throws -> (host: ProxyHost, link: ControlLink?) {
    if case .control(let url, let token) = configuration.source, let place {
        return try linkedProxy(
            configuration, directory: place.directory, client: APIClient(url: url, token: token),
            predecessor: place.predecessor, logger: logger)
    }
    let host = try ProxyHost(
        configuration, identity: .unnamed, file: nil, predecessor: place?.predecessor, logger: logger)
    return (host, nil)
}

/// What lets another process take this one's place; without it the proxy serves all the same.
private func takeovers(
    _ place: ProxyPlace, _ host: ProxyHost, _ link: ControlLink?, _ logger: Logger
) -> TakeoverService? {
    do {
        let listener =
            try place.predecessor?.takeovers
            ?? UnixListener(directory: place.directory, name: TakeoverMessage.socketName)
        return TakeoverService(listener: listener, lock: place.lock, host: host, link: link, logger: logger)
    } catch {
        logger.warning("No other process can take this one's place", metadata: ["error.message": "\(error)"])
        return nil
    }
}

/// A proxy that follows a control plane; not started yet.
///
/// - Parameter directory: where its id and its table are kept; must exist.
func linkedProxy(
    _ configuration: ProxyAppConfiguration, directory: String, client: APIClient, predecessor: Predecessor? = nil,
    logger: Logger
) throws -> (host: ProxyHost, link: ControlLink) {
    let news = Activator()
    let host = try ProxyHost(
        configuration, identity: ProxyIdentity(directory: directory),
        file: TableFile(path: directory + "/routing-table"), predecessor: predecessor, logger: logger,
        onChange: { news.poke() })
    return (host, ControlLink(client: client, host: host, logger: logger, news: news))
}
