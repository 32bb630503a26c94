/// Deadlines of connections in a hashed wheel with ticks of 4 ms, firing never early and at most two ticks late.
///
/// Setting a later deadline costs one store: the entry fires at the old place and is filed again. Owned by one thread.
struct TimerWheel {
    /// A deadline that never comes.
    static let never = UInt64.max
    /// Nanoseconds to ticks: 2^22 ns, about 4.2 ms.
    static let tickShift: UInt64 = 22

    private static let slotCount = 4096
    private static let mask = slotCount - 1
    private static let wordCount = slotCount / 64

    private struct Entry: BitwiseCopyable {
        var isFiled = false
        var next: Int32 = -1
        var previous: Int32 = -1
        var slot: Int32 = 0
        /// The tick that it is filed under.
        var filed: UInt64 = 0
        var deadline: UInt64 = 0
    }

    private let entries: FixedArray<Entry>
    private let slots: FixedArray<Int32>
    /// A bit for each slot that has an entry; behind them, in a last word, one for each word of these that is not 0.
    private let occupied: FixedArray<UInt64>
    /// The last tick that was expired.
    private var current: UInt64

    init(capacity: Int, now: UInt64) {
        entries = FixedArray(zeroed: capacity)
        slots = FixedArray(zeroed: Self.slotCount)
        for slot in 0..<Self.slotCount { slots[slot] = -1 }
        precondition(Self.wordCount == 64)
        occupied = FixedArray(zeroed: Self.wordCount + 1)
        current = now >> Self.tickShift
    }

    func deallocate() {
        entries.deallocate()
        slots.deallocate()
        occupied.deallocate()
    }

    /// - Parameter deadline: in nanoseconds of the monotonic clock, or `never`.
    @inline(__always)
    func set(_ index: Int, deadline: UInt64) {
        entries[index].deadline = deadline
        if deadline == Self.never { return }
        let tick = (deadline >> Self.tickShift) + 1
        if entries[index].isFiled {
            if entries[index].filed <= tick { return }
            unlink(index)
        }
        file(index, tick: tick)
    }

    /// Forgets an entry, before its slot is given to another connection.
    @inline(__always)
    func clear(_ index: Int) {
        entries[index].deadline = Self.never
        if entries[index].isFiled { unlink(index) }
    }

    private func file(_ index: Int, tick: UInt64) {
        let within = min(max(tick, current + 1), current + UInt64(Self.slotCount) - 1)
        let slot = Int(truncatingIfNeeded: within) & Self.mask
        let head = slots[slot]
        entries[index].next = head
        entries[index].previous = -1
        entries[index].isFiled = true
        entries[index].slot = Int32(slot)
        entries[index].filed = within
        if head >= 0 { entries[Int(head)].previous = Int32(truncatingIfNeeded: index) }
        slots[slot] = Int32(truncatingIfNeeded: index)
        occupied[slot >> 6] |= 1 << UInt64(slot & 63)
        occupied[Self.wordCount] |= 1 << UInt64(slot >> 6)
    }

    private func unlink(_ index: Int) {
        let entry = entries[index]
        if entry.previous >= 0 {
            entries[Int(entry.previous)].next = entry.next
        } else {
            slots[Int(entry.slot)] = entry.next
            if entry.next < 0 { vacate(Int(entry.slot)) }
        }
        if entry.next >= 0 { entries[Int(entry.next)].previous = entry.previous }
        entries[index].isFiled = false
    }

    private func vacate(_ slot: Int) {
        let word = slot >> 6
        occupied[word] &= ~(1 << UInt64(slot & 63))
        if occupied[word] == 0 { occupied[Self.wordCount] &= ~(1 << UInt64(word)) }
    }

    /// Takes one expired entry out, to be called until it returns -1.
    mutating func nextExpired(now: UInt64) -> Int {
        let tick = now >> Self.tickShift
        while current <= tick {
            let slot = Int(truncatingIfNeeded: current) & Self.mask
            while slots[slot] >= 0 {
                let index = Int(slots[slot])
                unlink(index)
                let deadline = entries[index].deadline
                if deadline == Self.never { continue }
                if deadline <= now {
                    entries[index].deadline = Self.never
                    return index
                }
                file(index, tick: (deadline >> Self.tickShift) + 1)
            }
            guard current < tick else { break }
            current += 1
        }
        return -1
    }

    /// Milliseconds until the next filed entry, for epoll; -1 when there is none.
    func millisecondsToNext(now: UInt64) -> Int32 {
        let start = Int(truncatingIfNeeded: current + 1) & Self.mask
        var word = start >> 6
        var bits = occupied[word] & (UInt64.max << UInt64(start & 63))
        if bits == 0 {
            let words = occupied[Self.wordCount]
            let later = words & ~(UInt64.max >> UInt64(63 - word))
            // Round the end of the wheel, at most to the slots of this word that lie before the start.
            let next = later != 0 ? later : words
            guard next != 0 else { return -1 }
            word = next.trailingZeroBitCount
            bits = occupied[word]
        }
        let slot = word << 6 | bits.trailingZeroBitCount
        let ticks = UInt64((slot - start) & Self.mask) + current + 1
        let due = ticks << Self.tickShift
        return due <= now ? 0 : Int32(truncatingIfNeeded: (due - now) / 1_000_000 + 1)
    }
}
