import Logging
import Resources
import ServiceLifecycle
import Signals
import Synchronization

/// Collects what proxies say while the last batch is stored and for some times as long, so that a few proxies are
/// heard at once, and thousands cost a few statements and a fraction of a connection's time.
///
/// A report is taken before it is stored: a proxy repeats itself every few seconds anyway. Safe to share between tasks.
final class ReportBatcher: Service {
    /// After a batch, by how long that took.
    private static let restFactor = 3
    private static let longestRest = Duration.milliseconds(250)
    /// Reports of different proxies held at most; more are refused.
    static let limit = 50_000
    /// Rows a statement.
    static let batch = 1000

    private let pending = Mutex<[String: ProxyReport]>([:])
    private let news = Activator()
    private let store: @Sendable ([ProxyReport]) async throws -> Void
    private let logger: Logger

    init(logger: Logger, store: @escaping @Sendable ([ProxyReport]) async throws -> Void) {
        self.logger = logger
        self.store = store
    }

    /// The newest report of a proxy replaces an older one.
    ///
    /// - Throws: `TurnoutError` with code `unavailable` when too many wait.
    func take(_ report: ProxyReport) throws(TurnoutError) {
        let isTaken = pending.withLock { pending in
            guard pending.count < Self.limit || pending[report.id] != nil else { return false }
            pending[report.id] = report
            return true
        }
        guard isTaken else { throw TurnoutError(.unavailable, "Too many proxies report at once; try again.") }
        news.poke()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isFailing = false
            var rest = Duration.zero
            while (try? await Task.sleep(for: rest)) != nil {
                await self.news.wait(atMost: .seconds(60))
                let start = ContinuousClock.now
                defer { rest = min((.now - start) * Self.restFactor, Self.longestRest) }
                do {
                    try await self.flush()
                    isFailing = false
                } catch {
                    if !isFailing {
                        self.logger.warning("Proxies' reports can't be stored", metadata: ["error.message": "\(error)"])
                    }
                    isFailing = true
                }
            }
        }
    }

    /// What can't be stored is dropped: the next report of that proxy is newer.
    private func flush() async throws {
        let reports = pending.withLock { pending in
            defer { pending = [:] }
            return pending.values.sorted { $0.id < $1.id }
        }
        for start in stride(from: 0, to: reports.count, by: Self.batch) {
            try await store(Array(reports[start..<min(start + Self.batch, reports.count)]))
        }
    }
}
