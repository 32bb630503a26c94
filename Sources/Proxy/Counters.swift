import Synchronization

/// One loop's counters: a block of words for each endpoint, variant and version, and one for the loop itself.
///
/// Only the owning loop writes, with relaxed loads and stores that cost what plain memory does; any thread may read.
@safe
struct Counters: @unchecked Sendable {
    // Sendable: the memory holds atomics only; `CounterDirectory` frees it after the loops ended.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let memory: Memory
    let capacity: Int

    /// The words of a series' block.
    enum Word {
        static let answers = 0
        static let requestBytes = 4
        static let answerBytes = 5
        static let retries = 6
        static let staleConnections = 7
        static let connectFailures = 8
        static let latencyMicroseconds = 9
        static let clientClosed = 10
        static let truncated = 11
        /// Not counters: an endpoint's requests in flight, and what its retry budget holds.
        static let inFlight = 12
        static let budget = 13
        static let faults = 14
        static let slowRequests = 39
        static let histogram = 40
        static let hedges = histogram + LatencyHistogram.bucketCount
        static let hedgesWon = hedges + 1
    }

    /// The words of the loop's own block, which is the first.
    enum LoopWord {
        static let clients = 0
        static let backends = 1
        static let idleBackends = 2
        static let accepted = 3
        static let refused = 4
        /// Lines of the access log that found no room on their way out of the loop.
        static let unlogged = 5
        static let faults = 14
    }

    static let wordsPerBlock = 256
    static let loopBlock = 0

    init?(capacity: Int) {
        guard let memory = Memory(reserving: capacity * Self.wordsPerBlock * 8) else { return nil }
        self.memory = memory
        self.capacity = capacity
        // Zeroed pages are atomics that hold 0.
        unsafe self.words = memory.pointer.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    func deallocate() { memory.deallocate() }

    @inline(__always)
    private func word(_ block: Int, _ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        precondition(block >= 0 && block < capacity && index >= 0 && index < Self.wordsPerBlock)
        return unsafe words + (block * Self.wordsPerBlock + index)
    }

    @inline(__always)
    func load(_ block: Int, _ index: Int) -> UInt64 { unsafe word(block, index).pointee.load(ordering: .relaxed) }

    @inline(__always)
    func store(_ block: Int, _ index: Int, _ value: UInt64) {
        unsafe word(block, index).pointee.store(value, ordering: .relaxed)
    }

    @inline(__always)
    func add(_ block: Int, _ index: Int, _ amount: UInt64 = 1) {
        let word = unsafe word(block, index)
        unsafe word.pointee.store(word.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Makes a block that no loop uses ready for another series.
    func reset(_ block: Int) {
        for index in 0..<Self.wordsPerBlock { store(block, index, 0) }
    }

    @inline(__always)
    func record(_ block: Int, microseconds: UInt64) {
        add(block, Word.histogram + LatencyHistogram.index(of: microseconds))
        add(block, Word.latencyMicroseconds, microseconds)
    }
}

/// Log-linear buckets over microseconds: eight to a doubling, so that a quantile is right within an eighth.
enum LatencyHistogram {
    /// Up to 2^26 µs (67 s) apart; longer ones share the last bucket.
    static let bucketCount = 8 + 23 * 8 + 1

    @inline(__always)
    static func index(of microseconds: UInt64) -> Int {
        if microseconds < 8 { return Int(microseconds) }
        let exponent = 63 - microseconds.leadingZeroBitCount
        guard exponent < 26 else { return bucketCount - 1 }
        return (exponent - 2) * 8 + Int((microseconds >> UInt64(exponent - 3)) & 7)
    }

    /// The first value in µs that no longer belongs to a bucket.
    static func upperBound(of index: Int) -> UInt64 {
        if index < 8 { return UInt64(index) + 1 }
        let exponent = index / 8 + 2
        return UInt64(8 + index % 8 + 1) << UInt64(exponent - 3)
    }
}
