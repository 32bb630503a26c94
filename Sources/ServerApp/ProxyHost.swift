import ControlAPITypes
import Dispatch
import Logging
import Proxy
import Resources
import ServiceLifecycle
import Signals
import Splitting
import Synchronization

/// A proxy with all that stands around it: health checks, the table on disk, the admin port.
///
/// `start` first, then `run` as a service; tables may be installed from any task in between and after.
final class ProxyHost: Service {
    /// How long a new table waits for the names of its backends.
    static let resolveTimeout = Duration.seconds(2)
    /// How long installing waits for the loops, so that the report that follows can say that they serve it.
    static let adoptTimeout = Duration.seconds(1)
    /// After which what only starting takes has run.
    static let settlingTime = Duration.seconds(1)

    let identity: ProxyIdentity
    private let proxy: Proxy
    private let monitor: BackendMonitor
    private let admin: AdminServer
    private let file: Mutex<TableFile?>
    private let draining: DrainMark
    private let logger: Logger
    private let notification: ServiceNotification
    private let drainDelay: Duration
    private let drainTimeout: Duration
    private let predecessor: Predecessor?
    /// Whether the newest table is on disk, if tables are kept.
    private let isKept = Mutex(true)
    /// Why the newest table that came is not served.
    private let refusal = Mutex<String?>(nil)
    private let addressHost: String
    private let adminHost: String
    /// Installing blocks: it waits for names and for the disk.
    private let queue = DispatchQueue(label: "turnout.table-install")

    /// Binds the admin port.
    ///
    /// - Parameters:
    ///   - file: where the newest table is kept; `nil` keeps none.
    ///   - predecessor: whose listeners are to be used.
    ///   - onChange: called when the health of a backend changed; must not block.
    init(
        _ configuration: ProxyAppConfiguration, identity: ProxyIdentity, file: TableFile?,
        predecessor: Predecessor? = nil, logger: Logger, onChange: @escaping @Sendable () -> Void = {}
    ) throws {
        var settings = ProxyConfiguration()
        settings.host = configuration.proxy.host
        settings.port = UInt16(clamping: configuration.proxy.port)
        settings.threads = configuration.threads
        settings.slowRequest = configuration.records.slowRequest
        settings.accessLog = configuration.records.accessLog
        settings.drainIdleTimeout = configuration.drainIdleTimeout
        settings.memoryLimit = configuration.memoryLimit.limit(logger: logger)
        let proxy = try Proxy(configuration: settings, logger: logger)
        let monitor = try BackendMonitor(directory: proxy.backends, logger: logger, onChange: onChange)
        let draining = DrainMark()
        guard
            let adminAddress = SocketAddress(
                literal: configuration.admin.host, port: UInt16(clamping: configuration.admin.port))
        else {
            throw ConfigurationFault(
                key: "--admin (TURNOUT_ADMIN)", message: "'\(configuration.admin.host)' is not an address")
        }
        admin = try AdminServer(
            address: adminAddress, inheriting: predecessor?.admin, logger: logger,
            handler: AdminServer.pages(
                AdminServer.Sources(
                    metrics: { proxy.metrics() }, backends: { monitor.snapshot() }, table: { proxy.table },
                    readiness: { readiness(proxy, draining) },
                    slowRequests: { (proxy.slowRequests(), proxy.configuration.slowRequest) },
                    stuckThreads: { proxy.stuckThreads() }),
                build: .init(version: ServerVersion.current.version, commit: "")))
        self.identity = identity
        self.proxy = proxy
        self.monitor = monitor
        self.file = Mutex(file)
        self.draining = draining
        self.logger = logger
        notification = ServiceNotification(socket: configuration.notifySocket)
        drainDelay = configuration.drainDelay
        drainTimeout = configuration.drainTimeout
        self.predecessor = predecessor
        addressHost = configuration.proxy.host
        adminHost = configuration.admin.host
    }

    /// Where scoring requests are taken, once started.
    var address: ListenAddress { ListenAddress(host: addressHost, port: Int(proxy.boundPort)) }
    var adminAddress: ListenAddress { ListenAddress(host: adminHost, port: Int(admin.address.port)) }

    /// The table that was installed last.
    var served: (generation: Int, digest: String)? {
        proxy.table.map { (Int(clamping: $0.generation), Self.hexadecimal($0.digest)) }
    }

    /// What the table that was installed last says.
    var routes: RouteSet { proxy.table?.routes ?? RouteSet() }

    /// Serves the table on disk, if there is one, and takes requests.
    ///
    /// - Parameter table: served from the first request on.
    /// - Throws: `TurnoutError` or `AdminServerError` when a port can't be had; `StartFault` when a predecessor serves a
    ///   newer table than is on disk.
    func start(serving table: FlatTable? = nil) async throws {
        try monitor.start()
        if let table { try await install(table, after: nil, keeps: false) }
        if let stored = try file.withLock({ try $0?.load() }) {
            switch stored {
            case .absent: logger.info("There is no routing table on disk yet")
            case .damaged(let reason, let movedTo):
                logger.error(
                    "The routing table on disk was damaged and set aside",
                    metadata: ["reason": "\(reason)", "path": "\(movedTo)"])
            case .table(let table, let cut):
                if cut > 0 {
                    logger.warning(
                        "The last change on disk was cut short and is left out", metadata: ["bytes": "\(cut)"])
                }
                try await install(table, after: nil, keeps: false)
            }
        }
        if let predecessor, (served?.generation ?? 0) < predecessor.generation, file.withLock({ $0 != nil }) {
            throw StartFault(
                description: "the routing table on disk is older than generation \(predecessor.generation), which the "
                    + "running proxy serves")
        }
        try admin.start()
        try proxy.start(inheriting: predecessor?.scoring ?? [])
    }

    /// Swaps tables, and keeps the new one on disk. A table older than the one that is served is passed over.
    ///
    /// - Parameter change: what led to the table; without it, it is kept whole.
    /// - Returns: whether it is served now.
    func install(_ table: FlatTable, after change: TableDelta? = nil) async throws -> Bool {
        if let served = proxy.table, served.generation > table.generation { return false }
        try await install(table, after: change, keeps: true)
        refusal.withLock { $0 = nil }
        return true
    }

    /// Whether no table came that could not be served since the last one that could.
    var isServingNewest: Bool { refusal.withLock { $0 == nil } }

    /// Has the next report say why a table that came is not served.
    ///
    /// - Returns: whether that was not known yet.
    func noteRefusal(_ reason: String) -> Bool {
        refusal.withLock { refusal in
            defer { refusal = String(reason.prefix(1000)) }
            return refusal != String(reason.prefix(1000))
        }
    }

    private func install(_ table: FlatTable, after change: TableDelta?, keeps: Bool) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            queue.async {
                continuation.resume(with: Swift.Result { try self.installBlocking(table, change, keeps: keeps) })
            }
        }
    }

    /// Names are looked up before the loops see the table, so that its first request finds its scorer.
    private func installBlocking(_ table: FlatTable, _ change: TableDelta?, keeps: Bool) throws {
        let staged = try proxy.stage(table)
        let unknown = monitor.resolve(staged.newBackends, timeout: Self.resolveTimeout)
        if !unknown.isEmpty {
            logger.warning(
                "Backends have no address yet",
                metadata: ["backends": "\(Set(unknown.map(\.backend.authority)).sorted().joined(separator: ", "))"])
        }
        // First of all on disk: a proxy that is killed and starts again never goes back to an older table.
        if keeps { keep(table, after: change) }
        try proxy.install(staged)
        proxy.waitUntilServed(generation: table.generation, timeout: Self.adoptTimeout)
        if change == nil { Proxy.giveBackMemory() }
    }

    private func keep(_ table: FlatTable, after change: TableDelta?) {
        do {
            try file.withLock { try $0?.store(table, after: change) }
            isKept.withLock { $0 = true }
        } catch {
            isKept.withLock { $0 = false }
            // What can't be kept is served all the same.
            logger.error("The routing table can't be kept on disk", metadata: ["error.message": "\(error)"])
        }
    }

    /// Until shutdown; then finishes what was begun and closes everything.
    func run() async throws {
        // Only now is it told to end in an orderly way.
        notification.ready()
        logger.info("The proxy is ready", metadata: ["address": "\(address)", "admin": "\(adminAddress)"])
        let settling = Task {
            try await Task.sleep(for: Self.settlingTime)
            Proxy.giveBackMemory()
        }
        try? await gracefulShutdown()
        settling.cancel()
        if draining.set(.ending) {
            notification.stopping()
            logger.info("Draining", metadata: ["acceptsFor": "\(drainDelay)", "atMost": "\(drainTimeout)"])
            // Whoever asks whether this proxy is ready hears that it is not, before it takes no more.
            try? await Task.sleep(for: drainDelay)
        }
        await end()
    }

    private func end() async {
        // In a task of its own, so that a cancelled process still drains.
        let isComplete = await Task { await proxy.drain(timeout: drainTimeout) }.value
        let metrics = proxy.metrics()
        let answers = metrics.series.reduce(0) {
            $0 + $1.answers2xx + $1.answers3xx + $1.answers4xx + $1.answers5xx
        }
        logger.info(
            "The proxy has ended",
            metadata: [
                "answers": "\(answers)", "connections": "\(metrics.acceptedConnections)", "isComplete": "\(isComplete)",
            ])
        admin.stop()
        monitor.stop()
    }

    // MARK: Handing over

    /// The admin port's listener; it stays the host's.
    var adminListener: Int32 { admin.listener }

    /// Copies of the listeners of scoring requests, for the caller to close; empty once the proxy ends.
    func duplicateListeners() -> [Int32] { proxy.duplicateListeners() }

    /// Whether a process that starts from the disk now serves what this one does.
    func tableIsKept() async -> Bool {
        await withCheckedContinuation { continuation in
            queue.async {
                if !self.isKept.withLock({ $0 }), let table = self.proxy.table { self.keep(table, after: nil) }
                continuation.resume(returning: self.isKept.withLock { $0 })
            }
        }
    }

    /// Another process accepts connections from here on; those of this one are served until `run` has drained them.
    func handOver() {
        draining.set(.handedOver)
        proxy.handOver()
        admin.handOver()
    }

    /// Ends a proxy that serves and is not run: its predecessor goes on.
    func withdraw() async {
        handOver()
        await end()
    }

    /// What the proxy says of itself.
    func report() -> ProxyReport {
        let table = proxy.table
        let generation = Int(clamping: proxy.currentGeneration)
        let isInStep = table.map { Int(clamping: $0.generation) == generation } ?? false
        return ProxyReport(
            id: identity.id, incarnation: identity.incarnation, address: address.description,
            adminAddress: adminAddress.description, generation: generation,
            digest: isInStep ? table.map { Self.hexadecimal($0.digest) } ?? "" : "",
            unhealthy: Set(monitor.notReady().map(\.healthKey)).sorted(), refusal: refusal.withLock { $0 })
    }

    private static func hexadecimal(_ digest: UInt64) -> String {
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

private func readiness(_ proxy: Proxy, _ draining: DrainMark) -> AdminServer.Readiness {
    if draining.isSet { return .draining }
    if proxy.table == nil { return .noTable }
    if proxy.boundPort == 0 { return .starting }
    return proxy.memoryPressure >= .shedding ? .shortOfMemory : .ready
}

/// Set once, read by the admin port.
private final class DrainMark: Sendable {
    enum Reason: Sendable {
        case ending
        case handedOver
    }

    private let value = Mutex<Reason?>(nil)

    var isSet: Bool { value.withLock { $0 != nil } }

    /// - Returns: whether it was not set before.
    @discardableResult
    func set(_ reason: Reason) -> Bool {
        value.withLock { value in
            guard value == nil else { return false }
            value = reason
            return true
        }
    }
}
