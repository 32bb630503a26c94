import Splitting

/// Finds routes by text: open addressing by XXH64, at most half full. Filled once, then only read.
@safe
struct RouteIndex: @unchecked Sendable {
    // Sendable: filled before any other thread sees it.
    private struct Entry {
        let text: Bytes
        let route: ServedRoute
    }

    private let entries: UnsafeMutablePointer<Entry?>
    private let mask: Int

    /// - Parameter count: how many texts there will be at most.
    init(count: Int) {
        var capacity = 2
        while capacity < count * 2 { capacity *= 2 }
        unsafe entries = .allocate(capacity: capacity)
        unsafe entries.initialize(repeating: nil, count: capacity)
        mask = capacity - 1
    }

    func deallocate() { unsafe entries.deallocate() }

    /// - Parameters:
    ///   - text: lies in memory that outlives the index; not in it yet.
    ///   - hash: XXH64 of it.
    func insert(_ text: Bytes, hash: UInt64, _ route: ServedRoute) {
        var slot = Int(truncatingIfNeeded: hash) & mask
        while unsafe entries[slot] != nil { slot = (slot + 1) & mask }
        unsafe entries[slot] = Entry(text: text, route: route)
    }

    @inline(__always)
    func route(of text: Bytes) -> ServedRoute? {
        var slot = unsafe Int(truncatingIfNeeded: XXH64.hash(text.buffer)) & mask
        while let entry = unsafe entries[slot] {
            if entry.text.equals(text) { return entry.route }
            slot = (slot + 1) & mask
        }
        return nil
    }
}
