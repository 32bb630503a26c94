import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// What records pass through on their way from a loop, against plain models.
@Suite struct RecordTests {
    private static func record(_ number: Int) -> RequestRecord {
        var record = RequestRecord()
        record.requestBytes = UInt64(number)
        record.trace = TraceID(high: UInt64(number) &* 3, low: UInt64(number) &* 5)
        record.isLogged = number % 2 == 0
        return record
    }

    private static func write(_ ring: RecordRing, _ number: Int, _ id: [UInt8]) -> Bool {
        id.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return ring.write(record(number), id: Bytes("")) }
            return ring.write(record(number), id: Bytes(base: base, count: buffer.count))
        }
    }

    @Test("A ring gives back what was written in its order, and takes as much as it holds", arguments: [1, 2, 8, 64])
    func ring(capacity: Int) throws {
        let ring = try #require(RecordRing(capacity: capacity))
        defer { ring.deallocate() }
        var dice = Dice(state: UInt64(capacity) + 7)
        var model: [(number: Int, id: [UInt8])] = []
        for number in 0..<20_000 {
            if Int.random(in: 0..<(capacity + 2), using: &dice) > 0 {
                let id = (0..<Int.random(in: 0...140, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice)
                }
                let isTaken = Self.write(ring, number, id)
                #expect(isTaken == (model.count < capacity))
                if isTaken { model.append((number, Array(id.prefix(128)))) }
            } else {
                var read: [(number: Int, id: [UInt8])] = []
                ring.readAll { record, id in
                    let number = Int(record.requestBytes)
                    #expect(record.trace == Self.record(number).trace && record.isLogged == (number % 2 == 0))
                    read.append((number, (0..<id.count).map { id[$0] }))
                }
                #expect(read.map(\.number) == model.map(\.number) && read.map(\.id) == model.map(\.id))
                model = []
            }
        }
    }

    @Test("A ring between two threads loses nothing that it took, and mixes nothing up") func threads() async throws {
        let ring = try #require(RecordRing(capacity: 16))
        let isWritten = Mutex(false)
        let result = Mutex((next: 0, mistakes: 0))
        StubThread.spawn {
            for number in 0..<50_000 {
                let id = Array("\(number)".utf8)
                while !Self.write(ring, number, id) { sched_yield() }
            }
            isWritten.withLock { $0 = true }
        }
        StubThread.spawn {
            var (next, mistakes) = (0, 0)
            while next < 50_000 {
                ring.readAll { record, id in
                    if record.requestBytes != UInt64(next) || id.string != "\(next)" { mistakes += 1 }
                    next += 1
                }
                sched_yield()
            }
            result.withLock { $0 = (next, mistakes) }
        }
        try await eventually(deadline: .seconds(60), "all are written and read") {
            isWritten.withLock { $0 } && result.withLock { $0.next } == 50_000
        }
        #expect(result.withLock { $0.mistakes } == 0)
        ring.deallocate()
    }

    @Test("A history holds the last so many, the newest first", arguments: [1, 2, 7]) func history(capacity: Int) {
        var history = BoundedHistory<Int>(capacity: capacity)
        for number in 0..<30 {
            #expect(history.newestFirst == (max(0, number - capacity)..<number).reversed())
            history.append(number)
        }
    }

    @Test("A countdown picks the share that it is told, and no pattern", arguments: [0.001, 0.01, 0.25, 0.9])
    func sample(share: Double) {
        var numbers = TraceIDs(1, 2)
        var countdown = SampleCountdown(share: share, numbers: &numbers)
        var last = 0
        var distances: [Int] = []
        for number in 1...1_000_000 where countdown.take(&numbers) {
            distances.append(number - last)
            last = number
        }
        let expected = 1_000_000 * share
        #expect(abs(Double(distances.count) - expected) < 5 * expected.squareRoot())
        #expect(share > 0.5 || Set(distances).count > 10)
    }

    @Test("A share of 0 picks nothing, one of 1 everything, the least one hardly anything") func extremes() {
        var numbers = TraceIDs(1, 2)
        for (share, expected) in [(0.0, 0), (1.0, 10_000), (.leastNonzeroMagnitude, 0)] {
            var countdown = SampleCountdown(share: share, numbers: &numbers)
            var picked = 0
            for _ in 0..<10_000 where countdown.take(&numbers) { picked += 1 }
            #expect(picked == expected, "\(share)")
        }
    }

    @Test("So many lines are allowed a second, those of one second at once, and none are saved up for longer")
    func allowance() {
        var allowance = LineAllowance(perSecond: 10, now: 5_000_000_000)
        func taken(_ now: UInt64) -> Int { (0..<100).count { _ in allowance.take(now: now) } }
        #expect(taken(5_000_000_000) == 10)
        #expect(taken(5_099_999_999) == 0)
        #expect(taken(5_100_000_000) == 1)
        #expect(taken(4_000_000_000) == 0)
        #expect(taken(5_350_000_000) == 2)
        #expect(taken(5_400_000_000) == 1)
        #expect(taken(99_000_000_000) == 10)
    }
}
