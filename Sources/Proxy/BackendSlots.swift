import Synchronization

/// What loops know about each backend: its addresses, whether it is ready, and how its connects and answers went.
///
/// Fixed memory shared by all threads, one slot of three cache lines a backend. A trivial value: loops copy it freely.
/// Loops call `readyStanding`, `isReady`, `address` and the `note` functions; the monitor calls the rest.
/// `BackendDirectory` owns the memory and outlives every copy.
@safe
package struct BackendSlots: @unchecked Sendable {
    // Sendable: the memory behind `words` holds atomics only, and its owner outlives the loops.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many routes of the newest table have the backend. Apart from the rest: loops go through all of it.
    private let uses: UnsafeMutablePointer<Atomic<UInt32>>
    package let capacity: Int

    /// Addresses kept for one name; further ones are left out.
    package static let maximumAddresses = 4

    private static let wordsPerSlot = 24
    private static let sequence = 0
    /// A `Standing`.
    private static let standing = 1
    /// In a row: of connects in the lower half, of requests that were sent in the upper.
    private static let failures = 2
    private static let addressCount = 3
    private static let firstAddress = 4
    private static let wordsPerAddress = 3
    /// Apart from what every choice reads, since it is written with every request that a limit bounds.
    private static let places = 16

    init(capacity: Int) {
        self.capacity = capacity
        unsafe self.words = .allocate(capacity: capacity * Self.wordsPerSlot)
        unsafe self.uses = .allocate(capacity: capacity)
    }

    func deallocate() {
        unsafe words.deallocate()
        unsafe uses.deallocate()
    }

    @inline(__always)
    private func word(_ slot: Int, _ field: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        precondition(slot >= 0 && slot < capacity && field < Self.wordsPerSlot)
        return unsafe words + (slot * Self.wordsPerSlot + field)
    }

    // MARK: Loops

    /// What is thought of a backend, in one word, so that a choice reads it once.
    @frozen
    package struct Standing: BitwiseCopyable, Sendable {
        fileprivate static let out = Standing(word: 0)
        fileprivate let word: UInt64

        fileprivate init(word: UInt64) { self.word = word }

        fileprivate init(since: UInt64, isOutlier: Bool) { word = since << 1 | (isOutlier ? 1 : 0) }

        /// Whether it is judged healthy.
        package var isHealthy: Bool { word != 0 }
        /// Whether its latest requests failed, so that others of its variant are better asked.
        package var isOutlier: Bool { word & 1 != 0 }
        /// Since when it can get requests, in monotonic nanoseconds: it came then, or came back.
        package var since: UInt64 { word >> 1 }
    }

    /// Whether requests may be sent there: judged healthy, and an address is known. One load, no ordering.
    @inline(__always)
    package func isReady(_ slot: Int) -> Bool { readyStanding(slot).isHealthy }

    /// The backend's standing; not healthy while it has no address. No ordering.
    @inline(__always)
    package func readyStanding(_ slot: Int) -> Standing {
        guard unsafe word(slot, Self.addressCount).pointee.load(ordering: .relaxed) != 0 else { return .out }
        return standing(slot)
    }

    @inline(__always)
    private func standing(_ slot: Int) -> Standing {
        unsafe Standing(word: word(slot, Self.standing).pointee.load(ordering: .relaxed))
    }

    /// Whether the newest table has the backend: connections to others are not kept.
    @inline(__always)
    func isInService(_ slot: Int) -> Bool {
        precondition(slot >= 0 && slot < capacity)
        return unsafe uses[slot].load(ordering: .relaxed) != 0
    }

    /// One of the slot's addresses; `turn` chooses, so that callers go through them in turn.
    package func address(_ slot: Int, turn: Int) -> SocketAddress? {
        for _ in 0..<64 {
            let before = unsafe word(slot, Self.sequence).pointee.load(ordering: .acquiring)
            guard before & 1 == 0 else { continue }
            let count = unsafe Int(word(slot, Self.addressCount).pointee.load(ordering: .relaxed))
            guard count > 0, count <= Self.maximumAddresses else { return nil }
            let first = Self.firstAddress + Int(UInt(bitPattern: turn) % UInt(count)) * Self.wordsPerAddress
            let head = unsafe word(slot, first).pointee.load(ordering: .relaxed)
            let high = unsafe word(slot, first + 1).pointee.load(ordering: .relaxed)
            let low = unsafe word(slot, first + 2).pointee.load(ordering: .relaxed)
            atomicMemoryFence(ordering: .acquiring)
            guard unsafe word(slot, Self.sequence).pointee.load(ordering: .relaxed) == before else { continue }
            return Self.unpack(head: head, high: high, low: low)
        }
        return nil
    }

    package func noteConnectFailure(_ slot: Int) {
        unsafe word(slot, Self.failures).pointee.add(1, ordering: .relaxed)
    }

    /// A request that was sent there was answered 5xx, in no valid way, not in time, or not at all.
    package func noteRequestFailure(_ slot: Int) {
        unsafe word(slot, Self.failures).pointee.add(1 << 32, ordering: .relaxed)
    }

    /// Writes only when there was a failure before, so that a healthy backend's line stays shared by all cores.
    @inline(__always)
    package func noteConnectSuccess(_ slot: Int) { forget(slot, Self.connectFailures) }

    /// As `noteConnectSuccess`, for a request that was answered.
    @inline(__always)
    package func noteRequestSuccess(_ slot: Int) { forget(slot, Self.requestFailures) }

    private static let connectFailures: UInt64 = 0xffff_ffff
    private static let requestFailures: UInt64 = 0xffff_ffff << 32

    @inline(__always)
    private func forget(_ slot: Int, _ half: UInt64) {
        let failures = unsafe word(slot, Self.failures)
        if unsafe failures.pointee.load(ordering: .relaxed) & half != 0 {
            unsafe failures.pointee.bitwiseAnd(~half, ordering: .relaxed)
        }
    }

    // MARK: Places, for endpoints that limit them

    /// Requests there, over all threads, of endpoints that bound their number.
    func places(_ slot: Int) -> Int {
        unsafe Int(truncatingIfNeeded: word(slot, Self.places).pointee.load(ordering: .relaxed))
    }

    /// - Returns: whether there was room; `leavePlace` must follow then.
    func takePlace(_ slot: Int, limit: Int) -> Bool {
        let places = unsafe word(slot, Self.places)
        guard unsafe places.pointee.add(1, ordering: .relaxed).newValue > UInt64(limit) else { return true }
        unsafe places.pointee.subtract(1, ordering: .relaxed)
        return false
    }

    func leavePlace(_ slot: Int) { unsafe word(slot, Self.places).pointee.subtract(1, ordering: .relaxed) }

    // MARK: Monitor

    /// Connects that failed since the last that succeeded, over all loops.
    package func consecutiveConnectFailures(_ slot: Int) -> Int { failures(slot).connects }

    /// Connects, and requests that were sent, that failed since the last that did not, over all loops.
    package func failures(_ slot: Int) -> (connects: Int, requests: Int) {
        let both = unsafe word(slot, Self.failures).pointee.load(ordering: .relaxed)
        return (Int(both & Self.connectFailures), Int(both >> 32))
    }

    package func clearConnectFailures(_ slot: Int) { forget(slot, Self.connectFailures) }

    package func isHealthy(_ slot: Int) -> Bool { standing(slot).isHealthy }

    /// A backend that becomes healthy begins slowly; see `Standing.since`. Only one thread may judge a slot at a time.
    package func setHealthy(_ slot: Int, _ isHealthy: Bool) { setHealthy(slot, isHealthy, since: Self.now) }

    func setHealthy(_ slot: Int, _ isHealthy: Bool, since: UInt64) {
        guard standing(slot).isHealthy != isHealthy else { return }
        store(isHealthy ? Standing(since: since, isOutlier: false) : .out, slot)
    }

    /// Has others asked instead of a healthy backend, or has it begin anew. Only one thread may judge a slot at a time.
    package func setOutlier(_ slot: Int, _ isOutlier: Bool) {
        let before = standing(slot)
        guard before.isHealthy, before.isOutlier != isOutlier else { return }
        if !isOutlier { noteRequestSuccess(slot) }
        store(Standing(since: Self.now, isOutlier: isOutlier), slot)
    }

    private static var now: UInt64 { UInt64(MonotonicTime.now().nanoseconds) }

    private func store(_ standing: Standing, _ slot: Int) {
        unsafe word(slot, Self.standing).pointee.store(standing.word, ordering: .relaxed)
    }

    /// Replaces the addresses in one step as loops see it. Only one thread may publish to a slot at a time.
    package func publish(_ slot: Int, addresses: [SocketAddress]) {
        let sequence = unsafe word(slot, Self.sequence)
        let before = unsafe sequence.pointee.load(ordering: .relaxed)
        unsafe sequence.pointee.store(before &+ 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        let kept = addresses.prefix(Self.maximumAddresses)
        let wasReady = isReady(slot)
        for (index, address) in kept.enumerated() {
            let first = Self.firstAddress + index * Self.wordsPerAddress
            unsafe word(slot, first).pointee.store(Self.head(of: address), ordering: .relaxed)
            unsafe word(slot, first + 1).pointee.store(address.high, ordering: .relaxed)
            unsafe word(slot, first + 2).pointee.store(address.low, ordering: .relaxed)
        }
        unsafe word(slot, Self.addressCount).pointee.store(UInt64(kept.count), ordering: .relaxed)
        unsafe sequence.pointee.store(before &+ 2, ordering: .releasing)
        let standing = standing(slot)
        if !wasReady, standing.isHealthy {
            store(Standing(since: Self.now, isOutlier: standing.isOutlier), slot)
        }
    }

    package func addresses(_ slot: Int) -> [SocketAddress] {
        let count = unsafe Int(word(slot, Self.addressCount).pointee.load(ordering: .relaxed))
        return (0..<count).compactMap { address(slot, turn: $0) }
    }

    /// Makes a slot that no loop knows yet ready for its first use.
    func reset(_ slot: Int) {
        for field in 0..<Self.wordsPerSlot { unsafe word(slot, field).initialize(to: Atomic(0)) }
        unsafe (uses + slot).initialize(to: Atomic(0))
    }

    // MARK: Tables

    /// A route of the table that is about to be published has the backend, which its predecessor had not.
    func enter(_ slot: Int) { unsafe uses[slot].add(1, ordering: .relaxed) }
    /// The table that is about to be published has lost a route with the backend.
    func leave(_ slot: Int) { unsafe uses[slot].subtract(1, ordering: .relaxed) }

    private static func head(of address: SocketAddress) -> UInt64 {
        UInt64(address.port) | (address.isIPv6 ? 1 << 16 : 0) | UInt64(address.scope) << 32
    }

    private static func unpack(head: UInt64, high: UInt64, low: UInt64) -> SocketAddress {
        let port = UInt16(truncatingIfNeeded: head)
        if head & (1 << 16) != 0 {
            return SocketAddress(ipv6High: high, low: low, port: port, scope: UInt32(truncatingIfNeeded: head >> 32))
        }
        return SocketAddress(ipv4: UInt32(truncatingIfNeeded: low), port: port)
    }
}
