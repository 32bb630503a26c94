import Resources
import Splitting
import Synchronization

/// Gives every endpoint, variant and version a block in each loop's counters for as long as a table has it, so that
/// a swap keeps the counts of what stays. Called when tables are installed and metrics are read, from any thread.
final class CounterDirectory: Sendable {
    struct Key: Hashable, Sendable {
        var endpoint: String
        /// Empty: the endpoint itself, for what is decided before a variant is chosen.
        var variant = ""
        var version = ""
    }

    struct Lease: Sendable {
        let blocks: [UInt32]
    }

    private struct State {
        var blocks: [Key: (block: Int, leases: Int)] = [:]
        /// By block: what it counts, or last counted.
        var keys: [Key?] = [nil]
        var free: [Int] = []
        /// The first block is the loop's own.
        var used = 1
    }

    static let capacity = 262_144

    let loops: [Counters]
    let admissions: Admissions
    private let state = Mutex(State())

    init(threads: Int) throws(TurnoutError) {
        guard let admissions = Admissions(capacity: Self.capacity) else { throw Self.noSpace }
        var loops: [Counters] = []
        for _ in 0..<threads {
            guard let counters = Counters(capacity: Self.capacity) else { throw Self.noSpace }
            loops.append(counters)
        }
        self.loops = loops
        self.admissions = admissions
    }

    deinit {
        for counters in loops { counters.deallocate() }
        admissions.deallocate()
    }

    private static let noSpace = TurnoutError(.unavailable, "There is no address space for the proxy's counters.")

    /// - Throws: `TurnoutError` with code `too_large` when there are more endpoints and variants than blocks; nothing is
    ///   leased then.
    func lease(_ keys: [Key]) throws(TurnoutError) -> Lease {
        let blocks: [UInt32]? = state.withLock { state in
            let new = keys.count { state.blocks[$0] == nil }
            guard state.used - state.free.count + new <= Self.capacity else { return nil }
            return keys.map { UInt32(lease($0, in: &state)) }
        }
        guard let blocks else {
            throw TurnoutError(.tooLarge, "The table has more variants than the proxy can count (\(Self.capacity)).")
        }
        return Lease(blocks: blocks)
    }

    private func lease(_ key: Key, in state: inout State) -> Int {
        if let entry = state.blocks[key] {
            state.blocks[key] = (entry.block, entry.leases + 1)
            return entry.block
        }
        var block = state.used
        if let free = state.free.popLast() {
            block = free
            for counters in loops { counters.reset(block) }
        } else {
            state.used += 1
        }
        state.blocks[key] = (block, 1)
        if block < state.keys.count { state.keys[block] = key } else { state.keys.append(key) }
        return block
    }

    /// Only when no loop can reach the table any more.
    func release(_ lease: Lease) {
        state.withLock { state in
            for block in lease.blocks {
                guard let key = state.keys[Int(block)], let entry = state.blocks[key] else { continue }
                state.blocks[key] = entry.leases > 1 ? (entry.block, entry.leases - 1) : nil
                if entry.leases == 1 { state.free.append(entry.block) }
            }
        }
    }

    // MARK: Reading

    /// What a block counts; `nil` for a loop's own.
    func key(of block: Int) -> Key? { state.withLock { $0.keys.indices.contains(block) ? $0.keys[block] : nil } }

    /// Lines of the access log that found no room on their way out of the loops.
    var unlogged: UInt64 { loopSum(Counters.LoopWord.unlogged) }

    func snapshot() -> ProxyMetricsSnapshot {
        var snapshot = ProxyMetricsSnapshot()
        snapshot.threads = loops.count
        snapshot.clientConnections = loopSum(Counters.LoopWord.clients)
        snapshot.backendConnections = loopSum(Counters.LoopWord.backends)
        snapshot.idleBackendConnections = loopSum(Counters.LoopWord.idleBackends)
        snapshot.acceptedConnections = loopSum(Counters.LoopWord.accepted)
        snapshot.refusedConnections = loopSum(Counters.LoopWord.refused)
        snapshot.unroutedErrors = faults(Counters.loopBlock, Counters.LoopWord.faults)
        snapshot.series = state.withLock { $0.blocks.mapValues(\.block) }
            .map { series($0.key, $0.value) }
            .sorted { ($0.endpoint, $0.variant, $0.version) < ($1.endpoint, $1.variant, $1.version) }
        return snapshot
    }

    private func series(_ key: Key, _ block: Int) -> ProxyMetricsSnapshot.Series {
        var series = ProxyMetricsSnapshot.Series(endpoint: key.endpoint, variant: key.variant, version: key.version)
        series.answers2xx = sum(block, Counters.Word.answers)
        series.answers3xx = sum(block, Counters.Word.answers + 1)
        series.answers4xx = sum(block, Counters.Word.answers + 2)
        series.answers5xx = sum(block, Counters.Word.answers + 3)
        series.turnoutErrors = faults(block, Counters.Word.faults)
        for (reason, word) in [("client_closed", Counters.Word.clientClosed), ("truncated", Counters.Word.truncated)] {
            let count = sum(block, word)
            if count > 0 { series.aborted[reason] = count }
        }
        series.requestBytes = sum(block, Counters.Word.requestBytes)
        series.answerBytes = sum(block, Counters.Word.answerBytes)
        series.slowRequests = sum(block, Counters.Word.slowRequests)
        series.retries = sum(block, Counters.Word.retries)
        series.hedges = sum(block, Counters.Word.hedges)
        series.hedgesWon = sum(block, Counters.Word.hedgesWon)
        series.staleConnections = sum(block, Counters.Word.staleConnections)
        series.connectFailures = sum(block, Counters.Word.connectFailures)
        series.inFlight = sum(block, Counters.Word.inFlight)
        series.latency = latency(block)
        return series
    }

    private func sum(_ block: Int, _ word: Int) -> UInt64 { loops.reduce(0) { $0 &+ $1.load(block, word) } }
    private func loopSum(_ word: Int) -> UInt64 { sum(Counters.loopBlock, word) }

    private func faults(_ block: Int, _ word: Int) -> [String: UInt64] {
        var result: [String: UInt64] = [:]
        for fault in ProxyFault.allCases {
            let count = sum(block, word + Int(fault.rawValue))
            if count > 0 { result[Bytes(fault.code).string] = count }
        }
        return result
    }

    /// Two bounds to a doubling from 0.25 ms to 16.8 s: what a scrape needs, where the loops keep eight.
    private static let bounds: [UInt64] = (8...23).flatMap { [UInt64(1) << $0, UInt64(3) << ($0 - 1)] } + [1 << 24]

    private func latency(_ block: Int) -> ProxyMetricsSnapshot.Latency {
        var latency = ProxyMetricsSnapshot.Latency()
        // Nothing was counted yet, as in most blocks of a large table.
        guard (0..<4).contains(where: { sum(block, Counters.Word.answers + $0) > 0 }) else { return latency }
        latency.buckets = Self.bounds.map { .init(upperBound: Double($0) / 1_000_000, count: 0) }
        latency.buckets.append(.init(upperBound: .infinity, count: 0))
        var bound = 0
        for index in 0..<LatencyHistogram.bucketCount {
            let count = sum(block, Counters.Word.histogram + index)
            let upper =
                index == LatencyHistogram.bucketCount - 1 ? UInt64.max : LatencyHistogram.upperBound(of: index)
            while bound < Self.bounds.count, upper > Self.bounds[bound] { bound += 1 }
            latency.buckets[bound].count += count
            latency.count += count
        }
        latency.sumSeconds = Double(sum(block, Counters.Word.latencyMicroseconds)) / 1_000_000
        return latency
    }
}
