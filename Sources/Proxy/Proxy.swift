import CEventLoop
import Glibc
package import Logging
package import Resources
package import Splitting
import Synchronization

/// The data plane: event loops that route scoring requests by the table they were last given.
///
/// Made once, started once, stopped once; every function may be called from any thread. Scoring requests touch nothing
/// here: the loops share with this class a few words of memory and the tables.
package final class Proxy: Sendable {
    package let configuration: ProxyConfiguration
    /// Where the monitor finds the backends of all tables in service.
    package let backends: BackendDirectory

    private struct State {
        var wakes: [Int32] = []
        var threads: [LoopThread] = []
        /// Those of all loops, which close them.
        var listeners: [Int32] = []
        var port: UInt16 = 0
        /// The newest last; older ones while a loop or a request may still use them.
        var tables: [TableHolder] = []
        var sequence: UInt64 = 0
        var isStopped = false
    }

    private let logger: Logger
    private let counters: CounterDirectory
    private let journal: RequestJournal
    private let memory: MemoryWatch?
    private let signals: LoopSignals
    private let state = Mutex(State())

    /// - Throws: `TurnoutError` with code `invalid` when the configuration is out of range, or its access log can't be opened.
    package convenience init(configuration: ProxyConfiguration, logger: Logger) throws(TurnoutError) {
        try self.init(configuration: configuration, logger: logger, memoryFile: MemoryWatch.ownMemory)
    }

    /// - Parameter memoryFile: what tells the memory that is held, in `/proc/self/statm`'s form.
    init(configuration: ProxyConfiguration, logger: Logger, memoryFile: String) throws(TurnoutError) {
        guard (1...1024).contains(configuration.threads) else {
            throw TurnoutError(.invalid, "A proxy runs 1 to 1024 threads, not \(configuration.threads).")
        }
        self.configuration = configuration
        self.logger = logger
        self.backends = BackendDirectory()
        self.counters = try CounterDirectory(threads: configuration.threads)
        self.journal = try RequestJournal(configuration, counters: counters, backends: backends, logger: logger)
        let signals = LoopSignals(threads: configuration.threads)
        self.signals = signals
        do {
            memory = try configuration.memoryLimit.map { limit throws(TurnoutError) in
                try MemoryWatch(limit: limit, file: memoryFile, signals: signals, logger: logger)
            }
        } catch {
            signals.deallocate()
            throw error
        }
    }

    deinit {
        stop()
        signals.deallocate()
    }

    /// Binds the port and serves; before the first table every request is answered 503 `not_ready`.
    ///
    /// - Parameter inherited: listeners of another process, from which connections are accepted from now on; the port is
    ///   theirs. They are the proxy's own then.
    /// - Throws: `TurnoutError` with code `unavailable` when the port or memory can't be had.
    package func start(inheriting inherited: [Int32] = []) throws(TurnoutError) {
        let (listeners, port) = try ListeningSocket.open(configuration, inherited: inherited)
        do {
            try journal.start()
        } catch {
            for listener in listeners.joined() { close(listener) }
            throw error
        }
        do {
            // Under the lock, so that no table is published to some loops only.
            try state.withLock { state throws(TurnoutError) in
                state.port = port
                for (index, own) in listeners.enumerated() {
                    try startLoop(index, own, &state)
                    state.listeners += own
                }
                try memory?.start(wakes: state.wakes)
            }
        } catch {
            let started = state.withLock { $0.threads.count }
            for left in listeners[started...].joined() { close(left) }
            stop()
            throw error
        }
        logger.info(
            "proxy listens",
            metadata: ["host": "\(configuration.host)", "port": "\(port)", "threads": "\(configuration.threads)"])
    }

    private func startLoop(_ index: Int, _ listeners: [Int32], _ state: inout State) throws(TurnoutError) {
        let wake = turnout_eventfd()
        guard wake >= 0 else {
            throw TurnoutError(.unavailable, "There is no descriptor left for the proxy's threads: errno \(-wake).")
        }
        guard
            let loopState = LoopState(
                index: index, configuration: configuration, signals: signals, slots: backends.slots,
                counters: counters.loops[index], admissions: counters.admissions,
                records: journal.rings[index], memory: memory?.gauge ?? .none, listeners: listeners, wake: wake)
        else {
            close(wake)
            throw TurnoutError(.unavailable, "There is no address space for the proxy's connections.")
        }
        let loop = EventLoop(loopState)
        do {
            state.threads.append(
                try LoopThread(name: "proxy-\(index)") {
                    loop.run()
                    loop.deallocate()
                })
            state.wakes.append(wake)
        } catch {
            loop.deallocate()
            close(wake)
            throw TurnoutError(.unavailable, "The proxy can't start a thread: errno \(error.errno).")
        }
    }

    /// The port that is listened on; 0 before `start`.
    package var boundPort: UInt16 { state.withLock { $0.port } }

    // MARK: Tables

    /// A table that has all it takes to be served, and is not served yet.
    package struct Staged: Sendable {
        fileprivate let holder: TableHolder

        /// Those that the table served now has not, or checks in another way.
        package var newBackends: [CheckedBackend] { holder.fresh.flatMap(\.backends) }
    }

    /// Makes a table ready for the loops, so that its backends can be looked up before it is installed.
    ///
    /// - Throws: `TurnoutError` with code `too_large` when there are more backends or variants than the proxy can hold.
    package func stage(_ table: FlatTable) throws(TurnoutError) -> Staged {
        let newest = state.withLock { $0.tables.last }
        return Staged(holder: try TableHolder(table, after: newest, directory: backends, counters: counters))
    }

    /// Gives the loops another table; each takes it at the start of its next turn, at once if it is idle. Requests in
    /// flight finish on the table they began with.
    ///
    /// - Throws: `TurnoutError` with code `conflict` when the generation is lower than the last one's.
    package func install(_ staged: Staged) throws(TurnoutError) {
        let table = staged.holder.table
        let newer: UInt64? = state.withLock { state in
            let newest = state.tables.last
            if let newest, newest.table.generation > table.generation { return newest.table.generation }
            if newest?.table == table { return nil }
            state.sequence += 1
            staged.holder.sequence = state.sequence
            staged.holder.enter(backends.slots, after: newest)
            state.tables.append(staged.holder)
            signals.publish(staged.holder.served)
            for wake in state.wakes { turnout_eventfd_signal(wake) }
            sweep(&state)
            return nil
        }
        if let newer {
            throw TurnoutError(.conflict, "Generation \(table.generation) is older than \(newer), which is served.")
        }
        logger.info("routing table installed", metadata: ["generation": "\(table.generation)"])
    }

    /// Stages and installs.
    ///
    /// - Throws: as `stage(_:)` and `install(_:)`.
    package func install(table: FlatTable) throws(TurnoutError) { try install(stage(table)) }

    /// The table that was installed last.
    package var table: FlatTable? { state.withLock { $0.tables.last?.table } }

    /// Gives back memory that was needed once: starting, and reading a whole table, run a hundred times as much of the
    /// program's code as serving does, and leave the heap in pieces.
    package static func giveBackMemory() { turnout_give_back_memory() }

    /// The lowest generation that any loop serves; 0 before all serve one.
    package var currentGeneration: UInt64 {
        state.withLock { state in
            sweep(&state)
            let sequence = lowestAcknowledged
            return state.tables.first { $0.sequence == sequence }?.table.generation ?? 0
        }
    }

    /// Blocks until every loop serves that generation or a later one, a matter of microseconds, or the time is over.
    package func waitUntilServed(generation: UInt64, timeout: Duration) {
        let end = ContinuousClock.now + timeout
        while !state.withLock({ $0.threads.isEmpty }), currentGeneration < generation, ContinuousClock.now < end {
            usleep(200)
        }
    }

    private var lowestAcknowledged: UInt64 {
        (0..<configuration.threads).map { signals.acknowledged(loop: $0) }.min() ?? 0
    }

    /// Lets go of tables that every loop has left behind and that no request uses any more.
    private func sweep(_ state: inout State) {
        let threads = configuration.threads
        let unused = state.tables.filter { holder in
            holder.sequence < state.sequence
                && (0..<threads).allSatisfy { loop in
                    signals.acknowledged(loop: loop) > holder.sequence && holder.served.inFlight(loop: loop) == 0
                }
        }
        guard !unused.isEmpty else { return }
        // While the numbers in it still stand for the names that they stood for.
        journal.collect()
        state.tables.removeAll { holder in unused.contains { $0 === holder } }
    }

    /// Tables kept in memory: 1 when nothing is in flight on an older one.
    package var tablesInMemory: Int {
        state.withLock { state in
            sweep(&state)
            return state.tables.count
        }
    }

    // MARK: Metrics

    /// What was counted so far, over all threads. Takes milliseconds with thousands of endpoints; call it to scrape.
    package func metrics() -> ProxyMetricsSnapshot {
        var snapshot = counters.snapshot()
        snapshot.generation = currentGeneration
        let lines = journal.lines()
        snapshot.accessLogLines = lines.written
        if let gauge = memory?.gauge {
            snapshot.memory = .init(limit: UInt64(clamping: gauge.limit), held: UInt64(clamping: gauge.bytes()))
        }
        snapshot.memoryPressure = memoryPressure
        for (reason, count) in lines.lost { snapshot.accessLogDropped[reason.rawValue] = count }
        return snapshot
    }

    /// How near the process is to its memory limit.
    package var memoryPressure: MemoryPressure { signals.pressure }

    /// The slow requests that are remembered, the newest first.
    package func slowRequests() -> [FinishedRequest] { journal.slowRequests() }

    /// The threads whose turn, a matter of microseconds, has lasted longer than this: none of their clients is served.
    package func stuckThreads(longerThan limit: Duration = .seconds(5)) -> [Int] {
        signals.stuckLoops(now: turnout_monotonic_nanoseconds(), longerThan: UInt64(limit / .nanoseconds(1)))
    }

    // MARK: Ending

    /// Copies of the listeners' descriptors, for a process that is to accept from them too; empty once this one ends.
    package func duplicateListeners() -> [Int32] {
        state.withLock { state in
            // The loops close theirs only after they were told to, which happens under this lock.
            guard case .run = signals.command else { return [] }
            return state.listeners.map { fcntl($0, F_DUPFD_CLOEXEC, 0) }.filter { $0 >= 0 }
        }
    }

    /// Stops accepting, since another process accepts what waits at the listeners; what was begun goes on.
    package func handOver() { command(.handOver) }

    private func command(_ command: LoopSignals.Command) {
        state.withLock { state in
            if signals.command.rawValue < command.rawValue { signals.send(command) }
            for wake in state.wakes { turnout_eventfd_signal(wake) }
        }
    }

    /// Stops accepting, finishes what was begun, and stops. Connections close after their next answer, or when none was
    /// asked for in `ProxyConfiguration.drainIdleTimeout`.
    ///
    /// - Parameter timeout: after which what is left is cut.
    /// - Returns: whether everything was finished in time.
    @discardableResult
    package func drain(timeout: Duration) async -> Bool {
        command(.drain)
        let clock = ContinuousClock()
        let end = clock.now + timeout
        while !isDrained, clock.now < end {
            // A cancelled drain ends at once, cutting what is left.
            guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { break }
            wakeLoops()
        }
        let isComplete = isDrained
        if !isComplete {
            logger.warning("drain timed out", metadata: ["connections": "\(metrics().clientConnections)"])
        }
        stop()
        return isComplete
    }

    private var isDrained: Bool { (0..<configuration.threads).allSatisfy { signals.isDrained(loop: $0) } }

    private func wakeLoops() {
        state.withLock { state in
            for wake in state.wakes { turnout_eventfd_signal(wake) }
        }
    }

    /// Stops at once, closing every connection, and waits for the threads. Later calls do nothing.
    package func stop() {
        let threads: [LoopThread]? = state.withLock { state in
            defer { state.isStopped = true }
            return state.isStopped ? nil : state.threads
        }
        guard let threads else { return }
        command(.stop)
        for thread in threads { thread.join() }
        memory?.stop()
        journal.stop()
        state.withLock { state in
            for wake in state.wakes { close(wake) }
            state.wakes = []
        }
    }
}
