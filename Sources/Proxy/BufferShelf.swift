import CEventLoop

/// Buffers of one size. Addresses are reserved at once and touched as far as each buffer is filled; the one returned last is
/// given out first, so that few stay warm. Owned by one thread.
struct BufferShelf {
    let bufferBytes: Int
    let capacity: Int
    private let memory: Memory
    private let next: FixedArray<Int32>
    private let heads: FixedArray<Int32>
    /// Of small buffers, several lie in a page: how many of each page's are on the clean list.
    private let cleanInPage: FixedArray<UInt8>

    private static let pageBytes = 4096
    private static let firstFree = 0
    private static let used = 1
    private static let inUse = 2
    /// The first of the free buffers whose pages are to go back to the kernel.
    private static let firstStale = 3
    /// The first of those whose pages went, or go as soon as their neighbours' do.
    private static let firstClean = 4
    /// How many may be in use.
    private static let ceiling = 5

    init?(of bufferBytes: Int, capacity: Int) {
        guard let memory = Memory(reserving: capacity * bufferBytes) else { return nil }
        self.bufferBytes = bufferBytes
        self.capacity = capacity
        self.memory = memory
        next = FixedArray(zeroed: capacity)
        heads = FixedArray(zeroed: 6)
        cleanInPage = FixedArray(zeroed: bufferBytes < Self.pageBytes ? capacity * bufferBytes / Self.pageBytes + 1 : 1)
        for list in [Self.firstFree, Self.firstStale, Self.firstClean] { heads[list] = -1 }
        heads[Self.ceiling] = Int32(clamping: capacity)
    }

    func deallocate() {
        memory.deallocate()
        next.deallocate()
        heads.deallocate()
        cleanInPage.deallocate()
    }

    var inUse: Int { Int(heads[Self.inUse]) }

    @inline(__always)
    func allocate() -> Int32 {
        var index = heads[Self.firstFree]
        if index >= 0 {
            heads[Self.firstFree] = next[Int(index)]
        } else {
            index = allocateAnother()
            guard index >= 0 else { return -1 }
        }
        heads[Self.inUse] += 1
        return index
    }

    private func allocateAnother() -> Int32 {
        guard heads[Self.inUse] < heads[Self.ceiling] else { return -1 }
        if heads[Self.firstClean] >= 0 {
            let index = takeFirst(Self.firstClean)
            if bufferBytes < Self.pageBytes { cleanInPage[page(index)] -= 1 }
            return index
        }
        if heads[Self.firstStale] >= 0 { return takeFirst(Self.firstStale) }
        let index = heads[Self.used]
        guard Int(index) < capacity else { return -1 }
        heads[Self.used] = index + 1
        return index
    }

    private func takeFirst(_ list: Int) -> Int32 {
        let index = heads[list]
        heads[list] = next[Int(index)]
        return index
    }

    private func page(_ index: Int32) -> Int { Int(index) * bufferBytes / Self.pageBytes }

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

    // MARK: When memory is short

    /// Gives the pages of so many free buffers back to the kernel.
    /// - Returns: whether others are left.
    func giveBack(_ count: Int) -> Bool {
        if heads[Self.firstStale] < 0 { setFreeAside() }
        for _ in 0..<count {
            guard heads[Self.firstStale] >= 0 else { return false }
            let index = takeFirst(Self.firstStale)
            giveBack(index)
            next[Int(index)] = heads[Self.firstClean]
            heads[Self.firstClean] = index
        }
        return heads[Self.firstStale] >= 0
    }

    private func giveBack(_ index: Int32) {
        guard bufferBytes < Self.pageBytes else {
            forget(index, from: 0)
            return
        }
        let page = page(index)
        cleanInPage[page] += 1
        if Int(cleanInPage[page]) == Self.pageBytes / bufferBytes {
            memory.forget(from: page * Self.pageBytes, Self.pageBytes)
        }
    }

    private func setFreeAside() {
        guard heads[Self.firstFree] >= 0 else { return }
        if heads[Self.firstStale] >= 0 {
            var last = Int(heads[Self.firstStale])
            while next[last] >= 0 { last = Int(next[last]) }
            next[last] = heads[Self.firstFree]
        } else {
            heads[Self.firstStale] = heads[Self.firstFree]
        }
        heads[Self.firstFree] = -1
    }

    /// From now on there are never more buffers in use than now.
    func close() {
        setFreeAside()
        heads[Self.ceiling] = heads[Self.inUse]
    }

    func open() { heads[Self.ceiling] = Int32(clamping: capacity) }
}
