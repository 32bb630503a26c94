import CEventLoop
import Glibc
import Splitting
import Synchronization

/// Signals between a proxy and its loops: one word a cache line.
@safe
struct LoopSignals: @unchecked Sendable {
    // Sendable: atomics only; freed by the proxy after its loops ended.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    let threads: Int

    static let lineWords = 8
    private static let table = 0
    private static let command = 1
    private static let pressure = 2
    private static let perLoop = 3

    enum Command: UInt64 {
        case run
        /// Finish what was begun and what waits at the listeners, and end.
        case drain
        /// Finish what was begun: another process accepts what waits at the listeners.
        case handOver
        case stop
    }

    init(threads: Int) {
        let count = (Self.perLoop + 3 * threads) * Self.lineWords
        self.threads = threads
        unsafe words = .allocate(capacity: count)
        for index in 0..<count { unsafe (words + index).initialize(to: Atomic(0)) }
    }

    func deallocate() { unsafe words.deallocate() }

    @inline(__always)
    private func load(_ line: Int, _ ordering: AtomicLoadOrdering = .acquiring) -> UInt64 {
        unsafe (words + line * Self.lineWords).pointee.load(ordering: .acquiring)
    }

    private func store(_ line: Int, _ value: UInt64) {
        unsafe (words + line * Self.lineWords).pointee.store(value, ordering: .releasing)
    }

    /// The table that loops should serve, as its handle's bits; 0 before the first.
    @inline(__always)
    var tableBits: UInt64 { load(Self.table) }
    func publish(_ table: ServedTable) { store(Self.table, table.bits) }

    var command: Command { Command(rawValue: load(Self.command)) ?? .stop }
    func send(_ command: Command) { store(Self.command, command.rawValue) }

    /// How short memory is.
    @inline(__always)
    var pressure: MemoryPressure { MemoryPressure(rawValue: UInt8(truncatingIfNeeded: load(Self.pressure))) ?? .none }
    func publish(_ pressure: MemoryPressure) { store(Self.pressure, UInt64(pressure.rawValue)) }

    /// The sequence of the table that a loop serves.
    func acknowledge(loop: Int, sequence: UInt64) { store(Self.perLoop + loop, sequence) }
    func acknowledged(loop: Int) -> UInt64 { load(Self.perLoop + loop) }

    /// Whether a loop has nothing left to finish and has stopped listening.
    func setDrained(loop: Int) { store(Self.perLoop + threads + loop, 1) }
    func isDrained(loop: Int) -> Bool { load(Self.perLoop + threads + loop) != 0 }

    /// When the turn began that a loop is at, in monotonic nanoseconds; 0 while it waits for events.
    func setBusy(loop: Int, since: UInt64) { store(Self.perLoop + 2 * threads + loop, since) }
    func busySince(loop: Int) -> UInt64 { load(Self.perLoop + 2 * threads + loop) }

    /// The loops whose turn has lasted longer than that: a turn takes microseconds.
    func stuckLoops(now: UInt64, longerThan nanoseconds: UInt64) -> [Int] {
        (0..<threads).filter { loop in
            let since = busySince(loop: loop)
            return since != 0 && now > since && now - since > nanoseconds
        }
    }
}

/// The limits of a configuration in the units that a loop counts in.
struct LoopLimits: BitwiseCopyable {
    let maximumConnections: Int
    let maximumHeadBytes: Int
    let maximumBodyBytes: UInt64
    let headerTimeout: UInt64
    let clientIdleTimeout: UInt64
    let drainIdleTimeout: UInt64
    let backendIdleTimeout: UInt64
    let connectTimeout: UInt64
    let maximumIdlePerBackend: Int32
    let slowStart: UInt64
    let slowRequest: UInt64
    let logsFailures: Bool
    /// Requests in flight of an endpoint without a limit of its own.
    let maximumConcurrency: UInt64

    init(_ configuration: ProxyConfiguration) {
        maximumConnections = max(1, configuration.maximumConnections / max(1, configuration.threads))
        // So that no endpoint takes all connections from the others, at the cost of a word that is this thread's alone.
        maximumConcurrency = UInt64(max(1, maximumConnections / 2))
        maximumHeadBytes = min(max(configuration.maximumHeadBytes, 256), 32_768)
        maximumBodyBytes = configuration.maximumBodyBytes.map { UInt64(max(0, $0)) } ?? .max
        headerTimeout = Self.nanoseconds(configuration.headerTimeout)
        clientIdleTimeout = Self.nanoseconds(configuration.clientIdleTimeout)
        drainIdleTimeout = min(clientIdleTimeout, Self.nanoseconds(configuration.drainIdleTimeout))
        backendIdleTimeout = Self.nanoseconds(configuration.backendIdleTimeout)
        connectTimeout = Self.nanoseconds(configuration.connectTimeout)
        maximumIdlePerBackend = Int32(clamping: configuration.maximumIdlePerBackend)
        slowStart = Self.nanoseconds(configuration.slowStart)
        slowRequest = Self.nanoseconds(configuration.slowRequest)
        logsFailures = configuration.accessLog != nil
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds / 1_000_000_000))
    }
}

/// Everything that one loop owns. Plain values and handles; made and freed by the loop's thread.
struct LoopState {
    /// Idle connections to one backend, the last returned first, and how busy it is.
    struct Pool: BitwiseCopyable {
        /// The index and 1, so that zeroed memory is an empty pool.
        private var firstAndOne: Int32 = 0
        var count: Int32 = 0
        /// Connections with a request, or on their way to have one, of this loop alone.
        var outstanding: Int32 = 0

        var first: Int32 {
            get { firstAndOne - 1 }
            set { firstAndOne = newValue + 1 }
        }
    }

    /// As much as is received at once, so that a rewritten head before it still fits a buffer.
    static let receiveBytes = 57_344
    /// As much while memory is short: what the other side does not take at once fits a page.
    static let receiveBytesWhenShort = 4096
    static let outputBytes = 81_920

    let index: Int
    let limits: LoopLimits
    let signals: LoopSignals
    let slots: BackendSlots
    let counters: Counters
    let admissions: Admissions
    let records: RecordRing
    let memory: MemoryGauge
    let epoll: Int32
    let wake: Int32
    /// One as a rule; more when a process with more threads handed its own over. Empty once it accepts no more.
    var listeners: [Int32]
    let connections: Slab<Connection>
    let buffers: BufferPool
    var wheel: TimerWheel
    let scanner = HeadScanner()
    /// Received bytes, one read at a time.
    let input: Memory
    /// Heads on their way out, with the body bytes that come along.
    let output: Memory
    /// A salted key, a host in lower case.
    let key: Memory
    /// For each connection, an id that its client gave the request.
    let requestIDs: Memory
    let pools: FixedArray<Pool>
    /// The highest slot that ever had an idle connection.
    var highestSlot = -1
    var table: ServedTable?
    var tableBits: UInt64 = 0
    var now: UInt64
    var random: UInt64
    var traceIDs: TraceIDs
    var sampling: SampleCountdown
    var clients = 0
    var isDraining = false
    /// As the signals had it when this loop followed it last.
    var pressure = MemoryPressure.none
    /// New requests are refused, since memory is short.
    var isShedding = false
    /// Connections end with their next answer: the loop is draining, or memory is getting short.
    var closesAfterAnswer = false
    /// What is freed goes back to the kernel at once.
    var isSaving = false
    /// When that ends after memory was short; 0 while it is, and without any shortage.
    var savesUntil: UInt64 = 0
    /// Free buffers still hold pages that are to go there.
    var hasStaleBuffers = false
    /// How much of a body is received at once.
    var bodyBytesAtOnce = Self.receiveBytes
    /// Bytes that were kept since the memory was looked at last, and how many may be until the next look.
    var kept = 0
    var keepsBeforeLook: Int
    /// How long a backend's connection is kept for reuse.
    var backendIdleTimeout: UInt64
    var spare = SpareDescriptor()
    /// When accepting goes on after the process ran out of descriptors; 0 while it does.
    var acceptsAgainAt: UInt64 = 0

    init?(
        index: Int, configuration: ProxyConfiguration, signals: LoopSignals, slots: BackendSlots, counters: Counters,
        admissions: Admissions, records: RecordRing, memory: MemoryGauge, listeners: [Int32], wake: Int32
    ) {
        let limits = LoopLimits(configuration)
        // Every client may have one backend, and pools keep some more.
        let capacity = limits.maximumConnections * 2 + 4096
        guard let connections = Slab<Connection>(capacity: capacity),
            let buffers = BufferPool(capacity: capacity * 2),
            let input = Memory(reserving: Self.receiveBytes + 64),
            let output = Memory(reserving: Self.outputBytes), let key = Memory(reserving: 65_536),
            let requestIDs = Memory(reserving: capacity * RequestRecord.longestID)
        else { return nil }
        self.index = index
        self.limits = limits
        backendIdleTimeout = limits.backendIdleTimeout
        self.signals = signals
        self.slots = slots
        self.counters = counters
        self.admissions = admissions
        self.records = records
        self.memory = memory
        keepsBeforeLook = memory.hasLimit ? 0 : .max
        self.listeners = listeners
        self.wake = wake
        self.connections = connections
        self.buffers = buffers
        self.input = input
        self.output = output
        self.key = key
        self.requestIDs = requestIDs
        var traceIDs = TraceIDs()
        sampling = SampleCountdown(share: configuration.accessLog?.sample ?? 0, numbers: &traceIDs)
        self.traceIDs = traceIDs
        epoll = turnout_epoll_create()
        now = turnout_monotonic_nanoseconds()
        wheel = TimerWheel(capacity: capacity, now: now)
        pools = FixedArray(zeroed: slots.capacity)
        random = turnout_random_seed() ^ (UInt64(index) &* 0x9e37_79b9_7f4a_7c15)
        if random == 0 { random = 1 }
        spare.open()
    }

    mutating func deallocate() {
        connections.deallocate()
        buffers.deallocate()
        wheel.deallocate()
        scanner.deallocate()
        input.deallocate()
        output.deallocate()
        key.deallocate()
        requestIDs.deallocate()
        pools.deallocate()
        spare.close()
        close(epoll)
    }
}

/// A loop's state, by reference: what all its functions extend. A trivial value, used by the loop's thread alone.
@safe
struct EventLoop: @unchecked Sendable {
    // Sendable: made by the thread that starts the loop's own, and handed over to it whole.
    private let pointer: UnsafeMutablePointer<LoopState>

    init(_ state: LoopState) {
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: state)
    }

    func deallocate() {
        state.deallocate()
        unsafe pointer.deallocate()
    }

    @inline(__always)
    var state: LoopState {
        unsafeAddress { unsafe UnsafePointer(pointer) }
        nonmutating unsafeMutableAddress { unsafe pointer }
    }
}
