import Glibc
import Testing

@testable import Proxy

@Suite("Memory pressure") struct MemoryPressureTests {
    /// What a level is by its words: short since the memory was last at its share, unless it was below the lower one after.
    private func isShort(_ level: MemoryPressure, _ looks: [Int], limit: Int) -> Bool {
        for bytes in looks.reversed() {
            let share = Double(bytes) / Double(limit)
            if share >= Double(level.percent) / 100 { return true }
            if share < Double(level.percent - 2) / 100 { return false }
        }
        return false
    }

    @Test("A level begins at its share of the limit, and ends two points below it", arguments: 1..<30)
    func levels(seed: UInt64) {
        var dice = Dice(state: seed)
        let limit = 1000
        var pressure = MemoryPressure.none
        var looks: [Int] = []
        var seen: Set<MemoryPressure> = []
        for _ in 0..<2000 {
            // Mostly small steps around the shares, sometimes far away.
            let last = looks.last ?? 900
            let step = Int.random(in: 0..<20, using: &dice) == 0 ? 400 : 8
            looks.append(min(max(last + Int.random(in: -step...step, using: &dice), 850), 1100))
            pressure = pressure.next(bytes: looks.last ?? 0, limit: limit)
            seen.insert(pressure)
            let highest = [.exhausted, .shedding, .draining].first { isShort($0, looks, limit: limit) }
            #expect(pressure == highest ?? .none)
        }
        #expect(seen.count == 4)
    }

    @Test("The shares are exact, with the largest limits too")
    func exactness() {
        for limit in [100, 32 << 20, 1 << 40, 1 << 56] {
            for (level, below) in zip(MemoryPressure.allCases.dropFirst(), MemoryPressure.allCases) {
                let first = (limit * level.percent + 99) / 100
                #expect(below.next(bytes: first, limit: limit) == level)
                #expect(below.next(bytes: first - 1, limit: limit) == below)
                let last = (limit * (level.percent - 2) + 99) / 100
                #expect(level.next(bytes: last, limit: limit) == level)
                #expect(level.next(bytes: last - 1, limit: limit) < level)
            }
        }
    }

    @Test("A loop may keep the more until it looks again the more room there is, and together they never fill it")
    func allowance() {
        for loops in [1, 4, 64] {
            let limit = 1 << 30
            let gauge = MemoryGauge(descriptor: -1, alarm: -1, limit: limit, loops: loops)
            let room = limit / 100 * 98 - 500_000_000
            #expect(gauge.allowance(holding: 500_000_000) * loops <= room)
            #expect(gauge.allowance(holding: 500_000_000) * loops > room / 3)
            #expect(gauge.allowance(holding: limit) == BufferPool.bufferBytes)
        }
        #expect(!MemoryGauge.none.hasLimit)
    }

    @Test("What the process holds is told in bytes, without the program's own code")
    func resident() throws {
        let descriptor = open(MemoryWatch.ownMemory, O_RDONLY)
        defer { close(descriptor) }
        let gauge = MemoryGauge(descriptor: descriptor, alarm: -1, limit: 1, loops: 1)
        #expect(gauge.bytes() > 1 << 20 && gauge.bytes() % 4096 == 0)
        let block = try #require(Memory(reserving: 64 << 20))
        defer { block.deallocate() }
        for page in 0..<(64 << 20) / 4096 { block[page * 4096] = 1 }
        #expect(gauge.bytes() > 64 << 20)
    }
}
