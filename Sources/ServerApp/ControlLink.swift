import ControlAPIClient
import ControlAPITypes
import Logging
import Resources
import ServiceLifecycle
import Signals
import Splitting

/// Keeps a proxy at the newest table of its control plane, and the control plane informed of the proxy.
///
/// Nothing of it is needed to serve: while the control plane is away the proxy goes on with what it has. Reconnects by
/// itself, ever more slowly, at random moments, so that a fleet does not come back all at once.
struct ControlLink: Service {
    static let reportPeriod = Duration.seconds(5)
    /// Three missed heartbeats.
    static let silenceLimit = Duration.seconds(15)
    static let backoff = (first: Duration.milliseconds(100), ceiling: Duration.seconds(2))

    let client: APIClient
    let host: ProxyHost
    let logger: Logger
    /// Poked when there is something to report.
    let news: Activator
    private let isPaused = LatestValue(false)
    /// Nothing is sent or written before this is false again.
    private let isQuiet = LatestValue(false)

    init(client: APIClient, host: ProxyHost, logger: Logger, news: Activator) {
        self.client = client
        self.host = host
        self.logger = logger
        self.news = news
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await isPaused in self.isPaused.values() {
                if isPaused { isQuiet.set(true) } else { await followAndReport() }
            }
        }
    }

    /// Until paused.
    private func followAndReport() async {
        await withTaskGroup { group in
            // Not cut short by a pause: what was sent has its answer before another process speaks.
            group.addTask { await report() }
            group.addTask {
                await withTaskGroup { following in
                    following.addTask { await follow() }
                    following.addTask { _ = await isPaused.values().first { $0 } }
                    await following.next()
                    following.cancelAll()
                }
            }
            await group.waitForAll()
        }
    }

    /// Has the link follow and report no more; returns once it does not, and everything that came is kept. A control plane
    /// that does not answer a report may take the client's whole timeout.
    func pause() async {
        isPaused.set(true)
        news.poke()
        _ = await isQuiet.values().first { $0 }
    }

    func resume() {
        isQuiet.set(false)
        isPaused.set(false)
    }

    private func follow() async {
        var delay = Self.backoff.first
        var isLost = false
        while !Task.isCancelled {
            let lastFrame = LatestValue<ContinuousClock.Instant?>(nil)
            do {
                try await followOnce(lastFrame)
            } catch let error as TurnoutError {
                // What came can't be served; a whole table may be, once there is another one.
                if host.noteRefusal(error.message) {
                    logger.error(
                        "The newest routing table can't be served; serving on with the last",
                        metadata: ["error.message": "\(error)"])
                    news.poke()
                }
            } catch {
                if !isLost, !Task.isCancelled {
                    logger.warning(
                        "The control plane is away; serving on", metadata: ["error.message": "\(error)"])
                }
                isLost = true
            }
            if lastFrame.current != nil, host.isServingNewest {
                delay = Self.backoff.first
                isLost = false
            }
            try? await Task.sleep(for: delay * Double.random(in: 0.5...1))
            delay = min(delay * 2, Self.backoff.ceiling)
        }
    }

    /// Follows one stream to its end, or until it falls silent.
    private func followOnce(_ lastFrame: LatestValue<ContinuousClock.Instant?>) async throws {
        let served = host.served
        let frames = try client.tables(
            proxy: host.identity.id, generation: served?.generation ?? 0, digest: served?.digest)
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            group.addTask {
                for try await frame in frames {
                    lastFrame.set(.now)
                    try await take(frame)
                }
            }
            group.addTask {
                while .now - (lastFrame.current ?? start) < Self.silenceLimit {
                    try await Task.sleep(for: .seconds(1))
                }
                throw ClientError(.unreachable, "\(client.baseURL) has fallen silent.")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func take(_ frame: TableFrame) async throws {
        let table: FlatTable
        var change: TableDelta?
        switch frame {
        case .heartbeat: return
        case .table(let bytes):
            table = try FlatTable(validating: bytes)
        case .delta(let bytes):
            let delta = try TableDelta(validating: bytes)
            var routes = host.routes
            try delta.apply(to: &routes)
            table = FlatTable(routes, generation: delta.result.generation)
            change = delta
        }
        guard try await host.install(table, after: change) else { return }
        logger.info("Serving a new routing table", metadata: ["table.generation": "\(table.generation)"])
        news.poke()
    }

    private func report() async {
        var delay = Self.backoff.first
        while !Task.isCancelled, !isPaused.current {
            do {
                try await client.report(host.report())
                delay = Self.backoff.first
                await news.wait(atMost: Self.reportPeriod)
            } catch {
                // Not the same again: what is true by then. Others wait to hear that the proxy serves their change.
                await news.wait(atMost: delay * Double.random(in: 0.5...1))
                delay = min(delay * 2, Self.reportPeriod)
            }
        }
    }
}
