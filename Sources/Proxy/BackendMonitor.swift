import Glibc
package import Logging
package import Resources

/// What a resolver's thread hands to the monitor's.
struct NameAnswer: Sendable {
    let name: String
    let result: Result<[SocketAddress], NameResolverError>
}

/// Judges backends off the request path and publishes the verdicts, and the addresses of names, to the loops.
///
/// One thread with its own `poll` over non-blocking sockets, and a few that ask for names. An endpoint's `health` has
/// every backend asked by `GET`: any 2xx is healthy, `unhealthyAfter` failures in a row are not, one success is again.
/// Whatever the file says, three connects in a row that fail in the loops put a backend out at once; without `health`
/// it comes back when a connect succeeds, tried after 250 ms, then ever more rarely, at least every 5 s.
/// Five requests in a row that were sent and failed make it an outlier for 5 s, the next time for twice as long, up to a
/// minute: others of its variant are asked, unless more than half of them are outliers.
/// A new backend counts as healthy until judged. If all backends of a variant are out, it has no healthy backend and
/// its requests are answered so: nothing is sent to a backend that is known to be dead.
///
/// Endpoints that check a backend in the same way share its verdict; those that differ each have their own.
package final class BackendMonitor: Sendable {
    private struct Inbox: Sendable {
        var answers: [NameAnswer] = []
        var isStopping = false
    }

    private let directory: BackendDirectory
    private let resolver: NameResolver
    private let outlierRules: OutlierRules
    private let lookup: NameResolver.Lookup
    private let logger: Logger
    private let onChange: @Sendable () -> Void
    private let waker: Waker
    private let board = Mailbox(SlotTable<BackendStatus>())
    private let inbox = Mailbox(Inbox())
    private let thread = Mailbox<OffPathThread.Handle?>(nil)

    /// - Parameters:
    ///   - resolvePeriod: how often each name is asked for again.
    ///   - onChange: called on the monitor's thread after a backend came, went, or changed its health or addresses;
    ///     must not block.
    /// - Throws: `TurnoutError` with code `unavailable` when the process is out of descriptors.
    package init(
        directory: BackendDirectory, resolvePeriod: Duration = .seconds(5),
        lookup: @escaping NameResolver.Lookup = NameResolver.system(_:), outlierRules: OutlierRules = OutlierRules(),
        logger: Logger,
        onChange: @escaping @Sendable () -> Void = {}
    ) throws(TurnoutError) {
        guard let waker = Waker() else {
            throw TurnoutError(.unavailable, "There is no descriptor left for the health checks.")
        }
        self.waker = waker
        self.directory = directory
        self.lookup = lookup
        self.outlierRules = outlierRules
        self.logger = logger
        self.onChange = onChange
        resolver = NameResolver(period: resolvePeriod)
    }

    /// Starts the threads; call it once.
    ///
    /// - Throws: `TurnoutError` with code `unavailable` when the system gives no threads.
    package func start() throws(TurnoutError) {
        let (inbox, waker) = (inbox, waker)
        let resolving = resolver.start(lookup: lookup) { name, result in
            inbox.change { $0.answers.append(NameAnswer(name: name, result: result)) }
            waker.poke()
        }
        guard resolving > 0, let handle = OffPathThread.start("turnout-health", { [self] in run() }) else {
            resolver.stop()
            throw TurnoutError(.unavailable, "There is no thread left for the health checks.")
        }
        thread.change { $0 = handle }
    }

    /// Returns once the monitor's thread has ended; verdicts stay as they are. Safe to call more than once.
    package func stop() {
        inbox.change { $0.isStopping = true }
        waker.poke()
        let handle = thread.withLock { handle in
            defer { handle = nil }
            return handle
        }
        handle?.join()
        resolver.stop()
    }

    /// Has the directory looked at now rather than within 50 ms; to be called after a table's backends were leased.
    package func poke() { waker.poke() }

    /// What is known of each registered backend, in order.
    package func snapshot() -> [BackendStatus] {
        board.withLock { Array($0.values) }.sorted { $0.checked < $1.checked }
    }

    /// The registered backends that get no requests just now.
    package func notReady() -> [CheckedBackend] {
        board.withLock { $0.values.filter { !$0.isReady }.map(\.checked) }
    }

    /// Waits until the name of each of these backends was asked for, so that a new table is not installed before its
    /// scorers can be reached. Blocks; never to be called on a loop or a cooperative thread.
    ///
    /// - Parameter backends: leased in the directory before.
    /// - Returns: those that still have no address: their name does not resolve, or the time was too short.
    package func resolve(_ backends: [CheckedBackend], timeout: Duration) -> [CheckedBackend] {
        poke()
        let (seconds, attoseconds) = timeout.components
        let milliseconds = Int(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
        let deadline = MonotonicTime.now().advanced(milliseconds: milliseconds)
        let places = Array(zip(backends, directory.slots(of: backends)))
        return board.wait { board in
            func status(_ checked: CheckedBackend, _ slot: Int) -> BackendStatus? {
                board[slot].flatMap { $0.checked == checked ? $0 : nil }
            }
            let isComplete = places.allSatisfy { status($0, $1)?.isResolved ?? false }
            guard isComplete || MonotonicTime.now() >= deadline else { return .again(deadline) }
            return .done(places.filter { status($0, $1)?.addresses.isEmpty ?? true }.map(\.0))
        }
    }

    private func run() {
        var rounds = MonitorRounds(
            directory: directory, resolver: resolver, board: board, outlierRules: outlierRules,
            logger: logger)
        defer { rounds.closeAll() }
        while true {
            let letters = inbox.withLock { inbox in
                defer { inbox.answers = [] }
                return inbox
            }
            if letters.isStopping { return }
            let isNews = rounds.turn(answers: letters.answers, now: .now())
            if rounds.wait(waker) || isNews { onChange() }
        }
    }
}
