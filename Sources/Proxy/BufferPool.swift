import CEventLoop

/// Buffers for bytes that must wait: partial heads, requests kept for sending again, refused output.
///
/// Of two sizes, since a request is held until its answer's head has come, and most are small: side by side they take
/// fewer pages, and other places in the processor's caches, than at the distance of the largest. Addresses are reserved at
/// once and touched as far as each buffer is filled; the one returned last is given out first, so that few stay warm.
/// Owned by one thread.
struct BufferPool {
    static let bufferBytes = 65_536
    static let smallBytes = 2_048

    /// Buffers of one size.
    private struct Shelf {
        let bufferBytes: Int
        let capacity: Int
        private let memory: Memory
        private let next: FixedArray<Int32>
        private let heads: FixedArray<Int32>

        private static let firstFree = 0
        private static let used = 1
        private static let inUse = 2

        init?(of bufferBytes: Int, capacity: Int) {
            guard let memory = Memory(reserving: capacity * bufferBytes) else { return nil }
            self.bufferBytes = bufferBytes
            self.capacity = capacity
            self.memory = memory
            next = FixedArray(zeroed: capacity)
            heads = FixedArray(zeroed: 3)
            heads[Self.firstFree] = -1
        }

        func deallocate() {
            memory.deallocate()
            next.deallocate()
            heads.deallocate()
        }

        var inUse: Int { Int(heads[Self.inUse]) }

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

        @inline(__always)
        func free(_ index: Int32) {
            next[Int(index)] = heads[Self.firstFree]
            heads[Self.firstFree] = index
            heads[Self.inUse] -= 1
        }

        @inline(__always)
        subscript(index: Int) -> Memory { memory.part(index * bufferBytes, bufferBytes) }

        /// Gives back what a buffer has beyond its first bytes.
        func forget(_ index: Int32, from kept: Int) {
            memory.forget(from: Int(index) * bufferBytes + kept, bufferBytes - kept)
        }
    }

    private let large: Shelf
    /// Numbered on from the large ones.
    private let small: Shelf

    /// - Parameter capacity: how many large buffers there are at most, and half as many small ones.
    init?(capacity: Int) {
        guard let large = Shelf(of: Self.bufferBytes, capacity: capacity),
            let small = Shelf(of: Self.smallBytes, capacity: capacity / 2)
        else { return nil }
        self.large = large
        self.small = small
    }

    func deallocate() {
        large.deallocate()
        small.deallocate()
    }

    var inUse: Int { large.inUse + small.inUse }

    /// - Returns: a buffer of `bufferBytes`, or -1 when all are in use.
    func allocate() -> Int32 { large.allocate() }

    /// - Returns: a buffer of at least so many bytes, `bufferBytes` at most, or -1 when all are in use.
    @inline(__always)
    func allocate(fitting count: Int) -> Int32 {
        if count <= Self.smallBytes, case let index = small.allocate(), index >= 0 {
            return Int32(truncatingIfNeeded: large.capacity) + index
        }
        return large.allocate()
    }

    /// - Parameter touched: how far the buffer was filled; what is far beyond a page goes back to the kernel, so that
    ///   one burst of large bodies does not stay in memory for ever.
    @inline(__always)
    func free(_ index: Int32, touched: Int = 0) {
        let numberOfSmall = Int(index) - large.capacity
        if numberOfSmall >= 0 {
            small.free(Int32(truncatingIfNeeded: numberOfSmall))
            return
        }
        if touched > Self.keptBytes { large.forget(index, from: Self.keptBytes) }
        large.free(index)
    }

    private static let keptBytes = 32_768

    @inline(__always)
    subscript(index: Int32) -> Memory {
        let numberOfSmall = Int(index) - large.capacity
        return numberOfSmall >= 0 ? small[numberOfSmall] : large[Int(index)]
    }
}
