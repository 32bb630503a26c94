import Synchronization

/// Requests in flight of the endpoints that have a limit of their own, over all threads: one cache line an endpoint.
///
/// A thread's share of a limit would need no atomics, but the kernel deals connections to threads unevenly, and a scorer
/// that takes four requests at a time can't be shared out among sixteen threads. So the count is exact, and the two
/// atomic additions a request are paid by those endpoints alone whose file asks for a limit.
@safe
struct Admissions: @unchecked Sendable {
    // Sendable: the memory holds atomics only; `CounterDirectory` frees it after the loops ended.
    private let counts: UnsafeMutablePointer<Atomic<Int>>
    private let memory: Memory
    private let capacity: Int

    private static let lineWords = 8

    /// - Parameter capacity: as many as there are counter blocks, by whose numbers endpoints are known here too.
    init?(capacity: Int) {
        guard let memory = Memory(reserving: capacity * Self.lineWords * 8) else { return nil }
        self.memory = memory
        self.capacity = capacity
        // Zeroed pages are atomics that hold 0.
        unsafe counts = memory.pointer.assumingMemoryBound(to: Atomic<Int>.self)
    }

    func deallocate() { memory.deallocate() }

    private func count(_ block: Int) -> UnsafeMutablePointer<Atomic<Int>> {
        precondition(block >= 0 && block < capacity)
        return unsafe counts + block * Self.lineWords
    }

    /// - Returns: whether there was room; `leave` must follow then.
    func enter(_ block: Int, limit: Int) -> Bool {
        let count = unsafe count(block)
        guard unsafe count.pointee.add(1, ordering: .relaxed).newValue > limit else { return true }
        unsafe count.pointee.subtract(1, ordering: .relaxed)
        return false
    }

    func leave(_ block: Int) { unsafe count(block).pointee.subtract(1, ordering: .relaxed) }
}
