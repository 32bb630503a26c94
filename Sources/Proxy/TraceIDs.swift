import CEventLoop

/// Numbers for traces: xoroshiro128++, whose 128 bits of state the kernel has chosen, so that no two proxies meet. Nothing
/// about them is secret.
struct TraceIDs: BitwiseCopyable {
    private var first: UInt64
    private var second: UInt64

    /// A stream of its own, which nobody can tell beforehand.
    init() { self.init(turnout_random_seed(), turnout_random_seed()) }

    /// The stream of these seeds, of which one at least is not 0.
    init(_ first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
    }

    /// Any number but 0, which stands for none.
    @inline(__always)
    mutating func next() -> UInt64 {
        let result = Self.rotated(first &+ second, 17) &+ first
        let mixed = second ^ first
        first = Self.rotated(first, 49) ^ mixed ^ (mixed << 21)
        second = Self.rotated(mixed, 28)
        return max(result, 1)
    }

    @inline(__always)
    private static func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
}
