import Synchronization

/// Records on their way from one loop to whoever keeps them: one thread writes, one at a time reads, neither waits.
///
/// Memory is touched as it is used. A trivial value, so that a loop can hold it; `deallocate` ends all copies.
@safe
struct RecordRing: @unchecked Sendable {
    // Sendable: `indices` are atomics. A slot is written before the release of `written` that makes it readable, and read
    // before the release of `read` that makes it writable again, so that no two threads ever use one at a time.
    private let indices: UnsafeMutablePointer<Atomic<UInt64>>
    private let memory: Memory
    let capacity: Int

    private static let slotBytes = 256
    private static let idCountOffset = 120
    private static let idOffset = 128
    // Each on a cache line of its own.
    private static let written = 0
    private static let read = 8

    /// - Parameter capacity: a power of two.
    /// - Returns: `nil` when the kernel has no address space left.
    init?(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0)
        precondition(MemoryLayout<RequestRecord>.size <= Self.idCountOffset)
        guard let memory = Memory(reserving: capacity * Self.slotBytes) else { return nil }
        self.memory = memory
        self.capacity = capacity
        unsafe indices = .allocate(capacity: 16)
        for index in 0..<16 { unsafe (indices + index).initialize(to: Atomic(0)) }
    }

    func deallocate() {
        memory.deallocate()
        unsafe indices.deallocate()
    }

    private func slot(_ index: UInt64) -> Memory {
        memory.part(Int(index & UInt64(capacity - 1)) * Self.slotBytes, Self.slotBytes)
    }

    /// To be called by the loop's thread alone.
    ///
    /// - Parameter id: at most `RequestRecord.longestID` bytes; what is more is left out.
    /// - Returns: whether there was room.
    func write(_ record: RequestRecord, id: Bytes) -> Bool {
        let written = unsafe indices[Self.written].load(ordering: .relaxed)
        guard written &- (unsafe indices[Self.read].load(ordering: .acquiring)) < UInt64(capacity) else { return false }
        let slot = slot(written)
        let count = min(id.count, RequestRecord.longestID)
        unsafe slot.pointer.storeBytes(of: record, as: RequestRecord.self)
        slot[Self.idCountOffset] = UInt8(count)
        slot.put(id.slice(0, count), at: Self.idOffset)
        unsafe indices[Self.written].store(written &+ 1, ordering: .releasing)
        return true
    }

    /// Takes everything that was written so far, the oldest first. Never to be called by two threads at a time.
    func readAll(_ body: (RequestRecord, _ id: Bytes) -> Void) {
        var read = unsafe indices[Self.read].load(ordering: .relaxed)
        let written = unsafe indices[Self.written].load(ordering: .acquiring)
        while read != written {
            let slot = slot(read)
            let record = unsafe slot.pointer.loadUnaligned(as: RequestRecord.self)
            body(record, slot.view(Self.idOffset, Int(slot[Self.idCountOffset])))
            read &+= 1
            unsafe indices[Self.read].store(read, ordering: .releasing)
        }
    }
}
