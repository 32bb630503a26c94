import CEventLoop

/// Buffers of one size for bytes that must wait: partial heads, requests kept for sending again, refused output.
///
/// Their addresses are reserved at once and touched as far as each is filled; the one returned last is given out
/// first, so that few stay warm. Owned by one thread.
struct BufferPool {
    static let bufferBytes = 65_536

    private let memory: Memory
    private let next: FixedArray<Int32>
    private let heads: FixedArray<Int32>
    let capacity: Int

    private static let firstFree = 0
    private static let used = 1
    private static let inUse = 2

    init?(capacity: Int) {
        guard let memory = Memory(reserving: capacity * Self.bufferBytes) else { return nil }
        self.memory = memory
        self.next = FixedArray(zeroed: capacity)
        self.heads = FixedArray(zeroed: 3)
        self.capacity = capacity
        heads[Self.firstFree] = -1
    }

    func deallocate() {
        memory.deallocate()
        next.deallocate()
        heads.deallocate()
    }

    var inUse: Int { Int(heads[Self.inUse]) }

    /// - Returns: -1 when all buffers are in use.
    @inline(__always)
    func allocate() -> Int32 {
        let index = heads[Self.firstFree]
        if index >= 0 {
            heads[Self.firstFree] = next[Int(index)]
        } else {
            guard Int(heads[Self.used]) < capacity else { return -1 }
            heads[Self.used] += 1
        }
        heads[Self.inUse] += 1
        return index >= 0 ? index : heads[Self.used] - 1
    }

    /// - Parameter touched: how far the buffer was filled; what is far beyond a page goes back to the kernel, so that
    ///   one burst of large bodies does not stay in memory for ever.
    @inline(__always)
    func free(_ index: Int32, touched: Int = 0) {
        if touched > Self.keptBytes {
            memory.forget(from: Int(index) * Self.bufferBytes + Self.keptBytes, Self.bufferBytes - Self.keptBytes)
        }
        next[Int(index)] = heads[Self.firstFree]
        heads[Self.firstFree] = index
        heads[Self.inUse] -= 1
    }

    private static let keptBytes = 32_768

    @inline(__always)
    subscript(index: Int32) -> Memory { memory.part(Int(index) * Self.bufferBytes, Self.bufferBytes) }
}
