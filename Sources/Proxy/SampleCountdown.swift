import Glibc

/// Picks a share of what comes by, at random, at the price of one subtraction for each that is not picked.
struct SampleCountdown: BitwiseCopyable {
    private var left: UInt64 = .max
    /// What turns a logarithm into the distance to the next; `nil` for none at all.
    private let scale: Double?

    /// - Parameter share: 0 to 1.
    init(share: Double, numbers: inout TraceIDs) {
        scale = share > 0 ? 1 / log1p(-min(share, 1)) : nil
        left = distance(&numbers)
    }

    /// Whether this one is picked.
    @inline(__always)
    mutating func take(_ numbers: inout TraceIDs) -> Bool {
        left &-= 1
        guard left == 0 else { return false }
        left = distance(&numbers)
        return true
    }

    /// How far it is to the next one: distances between picks of equal chance are distributed geometrically.
    private func distance(_ numbers: inout TraceIDs) -> UInt64 {
        guard let scale else { return .max }
        // Above 0 and up to 1, in steps of 2^-53.
        let chance = Double((numbers.next() >> 11) + 1) * 0x1p-53
        let steps = (log(chance) * scale).rounded(.down)
        return steps < 0x1p63 ? UInt64(max(steps, 0)) + 1 : .max
    }
}
