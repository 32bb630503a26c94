/// Buffers for bytes that must wait: partial heads, requests kept for sending again, refused output.
///
/// Of two sizes, since a request is held until its answer's head has come, and most are small: side by side they take
/// fewer pages, and other places in the processor's caches, than at the distance of the largest. Addresses are reserved at
/// once and touched as far as each buffer is filled; the one returned last is given out first, so that few stay warm.
/// Owned by one thread.
struct BufferPool {
    static let bufferBytes = 65_536
    static let smallBytes = 2_048

    private let large: BufferShelf
    /// Numbered on from the large ones.
    private let small: BufferShelf

    /// - Parameter capacity: how many large buffers there are at most, and half as many small ones.
    init?(capacity: Int) {
        guard let large = BufferShelf(of: Self.bufferBytes, capacity: capacity),
            let small = BufferShelf(of: Self.smallBytes, capacity: capacity / 2)
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

    // MARK: When memory is short

    /// Gives the pages of so many free buffers of each size back to the kernel.
    /// - Returns: whether others are left.
    func giveBack(_ count: Int) -> Bool {
        let hasLarge = large.giveBack(count)
        return small.giveBack(count) || hasLarge
    }

    /// From now on there are never more buffers in use than now.
    func close() {
        large.close()
        small.close()
    }

    func open() {
        large.open()
        small.open()
    }

    @inline(__always)
    subscript(index: Int32) -> Memory {
        let numberOfSmall = Int(index) - large.capacity
        return numberOfSmall >= 0 ? small[numberOfSmall] : large[Int(index)]
    }
}
