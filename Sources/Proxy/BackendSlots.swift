import Synchronization

/// What loops know about each backend: its addresses, whether it is ready, and how its connects went.
///
/// Fixed memory shared by all threads, one slot of two cache lines a backend. A trivial value: loops copy it freely.
/// Loops call `isReady`, `address` and the `note` functions; the monitor calls the rest. `BackendDirectory` owns the
/// memory and outlives every copy.
@safe
package struct BackendSlots: @unchecked Sendable {
    // Sendable: the memory behind `words` holds atomics only, and its owner outlives the loops.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// How many routes of the newest table have the backend. Apart from the rest: loops go through all of it.
    private let uses: UnsafeMutablePointer<Atomic<UInt32>>
    package let capacity: Int

    /// Addresses kept for one name; further ones are left out.
    package static let maximumAddresses = 4

    private static let wordsPerSlot = 16
    private static let sequence = 0
    private static let healthy = 1
    private static let failures = 2
    private static let addressCount = 3
    private static let firstAddress = 4
    private static let wordsPerAddress = 3

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

    /// Whether requests may be sent there: judged healthy, and an address is known. One load, no ordering.
    @inline(__always)
    package func isReady(_ slot: Int) -> Bool {
        unsafe word(slot, Self.healthy).pointee.load(ordering: .relaxed) != 0
            && word(slot, Self.addressCount).pointee.load(ordering: .relaxed) != 0
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

    /// Writes only when there was a failure before, so that a healthy backend's line stays shared by all cores.
    @inline(__always)
    package func noteConnectSuccess(_ slot: Int) {
        let failures = unsafe word(slot, Self.failures)
        if unsafe failures.pointee.load(ordering: .relaxed) != 0 {
            unsafe failures.pointee.store(0, ordering: .relaxed)
        }
    }

    // MARK: Monitor

    /// Connects that failed since the last that succeeded, over all loops.
    package func consecutiveConnectFailures(_ slot: Int) -> Int {
        unsafe Int(truncatingIfNeeded: word(slot, Self.failures).pointee.load(ordering: .relaxed))
    }

    package func clearConnectFailures(_ slot: Int) {
        unsafe word(slot, Self.failures).pointee.store(0, ordering: .relaxed)
    }

    package func isHealthy(_ slot: Int) -> Bool {
        unsafe word(slot, Self.healthy).pointee.load(ordering: .relaxed) != 0
    }

    package func setHealthy(_ slot: Int, _ isHealthy: Bool) {
        unsafe word(slot, Self.healthy).pointee.store(isHealthy ? 1 : 0, ordering: .relaxed)
    }

    /// Replaces the addresses in one step as loops see it. Only one thread may publish to a slot at a time.
    package func publish(_ slot: Int, addresses: [SocketAddress]) {
        let sequence = unsafe word(slot, Self.sequence)
        let before = unsafe sequence.pointee.load(ordering: .relaxed)
        unsafe sequence.pointee.store(before &+ 1, ordering: .relaxed)
        atomicMemoryFence(ordering: .releasing)
        let kept = addresses.prefix(Self.maximumAddresses)
        for (index, address) in kept.enumerated() {
            let first = Self.firstAddress + index * Self.wordsPerAddress
            unsafe word(slot, first).pointee.store(Self.head(of: address), ordering: .relaxed)
            unsafe word(slot, first + 1).pointee.store(address.high, ordering: .relaxed)
            unsafe word(slot, first + 2).pointee.store(address.low, ordering: .relaxed)
        }
        unsafe word(slot, Self.addressCount).pointee.store(UInt64(kept.count), ordering: .relaxed)
        unsafe sequence.pointee.store(before &+ 2, ordering: .releasing)
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
