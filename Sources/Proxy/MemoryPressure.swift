/// How near a proxy is to its memory limit, and what it does about it.
package enum MemoryPressure: UInt8, Sendable, Hashable, Comparable, CaseIterable {
    /// There is room.
    case none
    /// Connections end with their next answer, idle ones go, and what is freed goes back to the kernel at once.
    case draining
    /// Besides, new requests are refused, and those in progress are received a page at a time.
    case shedding
    /// Besides, nothing more is kept: requests in progress get buffers only as others give theirs back, and end without one.
    case exhausted

    /// The share of the limit, in percent, from which on memory is short.
    package var percent: Int {
        switch self {
        case .none: 0
        case .draining: 92
        case .shedding: 95
        case .exhausted: 98
        }
    }

    /// So many points below the share at which a level begins does it end, so that one step back and forth is not two
    /// turns of everything.
    package static let hysteresis = 2

    /// The level after a look at the memory.
    ///
    /// - Parameter limit: above 0, and below 2^56 like `bytes`.
    package func next(bytes: Int, limit: Int) -> MemoryPressure {
        for level in Self.allCases.reversed() where level != .none {
            let percent = level.percent - (self >= level ? Self.hysteresis : 0)
            if bytes * 100 >= limit * percent { return level }
        }
        return .none
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
