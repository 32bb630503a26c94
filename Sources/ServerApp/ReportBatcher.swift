import Logging
import Resources
import ServiceLifecycle
import Signals
import Synchronization

/// Collects what proxies say, and stores it at most 40 times a second, so that thousands of proxies cost a few
/// statements, and the first to report is heard at once.
///
/// A report is taken before it is stored: a proxy repeats itself every few seconds anyway. Safe to share between tasks.
final class ReportBatcher: Service {
    static let pause = Duration.milliseconds(25)
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
            while (try? await Task.sleep(for: Self.pause)) != nil {
                await self.news.wait(atMost: .seconds(60))
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
