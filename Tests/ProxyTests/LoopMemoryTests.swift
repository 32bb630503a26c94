import Splitting
import Testing

@testable import Proxy

/// The few structures over raw memory, against plain models.
@Suite struct LoopMemoryTests {
    private struct Element: SlabElement {
        var generation: UInt32 = 0
        var nextFree: Int32 = -1
        var value = 0
    }

    @Test("A loop counts as stuck when one turn lasts too long, however long it waits for events")
    func stuckLoops() {
        let signals = LoopSignals(threads: 3)
        defer { signals.deallocate() }
        signals.setBusy(loop: 1, since: 1000)
        signals.setBusy(loop: 2, since: 8000)
        #expect(signals.stuckLoops(now: 9000, longerThan: 5000) == [1])
        #expect(signals.stuckLoops(now: 20_000, longerThan: 5000) == [1, 2])
        signals.setBusy(loop: 1, since: 0)
        #expect(signals.stuckLoops(now: 20_000, longerThan: 5000) == [2])
    }

    @Test("Numbers are put in as many digits as they are said to have") func numbers() throws {
        let memory = try #require(Memory(reserving: 64))
        defer { memory.deallocate() }
        for value in [0, 1, 9, 10, 0xabcdef, UInt64.max, 0x0123_4567_89ab_cdef] {
            let digits = String(value, radix: 16)
            #expect(memory.put(hexadecimal: value, at: 3) == 19)
            #expect(memory.view(3, 16).string == String(repeating: "0", count: 16 - digits.count) + digits)
            let end = memory.put(decimal: value, at: 3)
            #expect(memory.view(3, end - 3).string == String(value))
        }
    }

    @Test("Texts are compared without regard to the case of letters, and of letters alone", arguments: 1...16)
    func ignoringCase(count: Int) throws {
        let memory = try #require(Memory(reserving: 64))
        defer { memory.deallocate() }
        let lower = Array("x-turnout-_^~`{0".utf8.suffix(count))
        for place in lower.indices {
            for byte in UInt8.min...UInt8.max {
                for index in lower.indices { memory[index] = index == place ? byte : lower[index] }
                for index in lower.indices { memory[32 + index] = lower[index] }
                let isSame = byte == lower[place] || (lower[place] &- 0x61 < 26 && byte == lower[place] &- 0x20)
                let (text, wanted) = (memory.view(0, lower.count), memory.view(32, lower.count))
                #expect(text.equals(ignoringCase: wanted) == isSame)
                #expect(text.equals(wanted) == (byte == lower[place]))
            }
        }
    }

    @Test("Bytes looked at together are judged as each of them is", arguments: 0..<40)
    func blocks(place: Int) throws {
        let memory = try #require(Memory(reserving: 64))
        let characters = CharacterTable()
        defer {
            memory.deallocate()
            characters.deallocate()
        }
        func ends(_ isWithin: (UInt8) -> Bool) -> Int { (0..<40).first { !isWithin(memory[$0]) } ?? 40 }
        for byte in UInt8.min...UInt8.max {
            for index in 0..<40 { memory[index] = index == place ? byte : 0x61 + UInt8(index) % 26 }
            let bytes = memory.view(0, 40)
            for kind in [CharacterTable.token, CharacterTable.host, CharacterTable.identifier] {
                #expect(bytes.end(ofWords: kind, characters) == ends { characters.has($0, kind) })
                #expect(bytes.end(of: kind, characters) == ends { characters.has($0, kind) })
            }
            #expect((bytes.first(byte) == -1 ? 40 : bytes.first(byte)) == ends { $0 != byte })
            guard place < ByteBlock.count else { continue }
            let block = bytes.block(0)
            #expect(block.textCount == min(16, ends { $0 >= 0x20 && $0 != 0x7f }))
            #expect(block.targetCount == min(16, ends { characters.has($0, CharacterTable.target) }))
        }
    }

    @Test("A slab gives out each slot once, keeps what is in it, and recognises an earlier use", arguments: 1..<20)
    func slab(seed: UInt64) throws {
        var dice = Dice(state: seed)
        let slab = try #require(Slab<Element>(capacity: 50))
        defer { slab.deallocate() }
        var model: [Int: (value: Int, generation: UInt32)] = [:]
        var ended: [(Int, UInt32)] = []
        for step in 0..<2000 {
            if Bool.random(using: &dice) {
                let index = slab.allocate()
                #expect((index < 0) == (model.count == 50))
                guard index >= 0 else { continue }
                #expect(model[index] == nil)
                slab[index].value = step
                model[index] = (step, slab[index].generation)
            } else if let index = model.keys.sorted().randomElement(using: &dice) {
                ended.append((index, slab[index].generation))
                slab.free(index)
                model[index] = nil
            }
            #expect(slab.inUse == model.count)
        }
        for (index, entry) in model {
            #expect(slab[index].value == entry.value)
            #expect(slab.isCurrent(index, generation: entry.generation))
        }
        for (index, generation) in ended { #expect(!slab.isCurrent(index, generation: generation)) }
    }

    @Test("Buffers of both sizes never overlap, and one given back is given out again", arguments: 1..<6)
    func buffers(seed: UInt64) throws {
        var dice = Dice(state: seed)
        let pool = try #require(BufferPool(capacity: 20))
        defer { pool.deallocate() }
        var model: [Int32: UInt8] = [:]
        var isLarge: Set<Int32> = []
        for _ in 0..<1000 {
            if Int.random(in: 0..<5, using: &dice) < 3 {
                let wanted = [1, BufferPool.smallBytes, BufferPool.smallBytes + 1].randomElement(using: &dice) ?? 1
                let index = pool.allocate(fitting: wanted)
                let smallCount = model.count - isLarge.count
                let isFull = isLarge.count == 20 && (wanted > BufferPool.smallBytes || smallCount == 10)
                #expect((index < 0) == isFull)
                guard index >= 0 else { continue }
                let mark = UInt8.random(in: 1...255, using: &dice)
                #expect(model.updateValue(mark, forKey: index) == nil)
                let memory = pool[index]
                #expect(memory.count >= wanted)
                if memory.count > BufferPool.smallBytes { isLarge.insert(index) }
                memory[0] = mark
                memory[memory.count - 1] = mark
            } else if let index = model.keys.sorted().randomElement(using: &dice) {
                #expect(pool[index][0] == model[index])
                #expect(pool[index][pool[index].count - 1] == model[index])
                pool.free(index, touched: pool[index].count)
                isLarge.remove(index)
                model[index] = nil
            }
            #expect(pool.inUse == model.count)
        }
    }

    @Test(
        "No page of free buffers alone stays once it is given back, and no buffer is lost or given out twice",
        arguments: 1..<10)
    func givenBack(seed: UInt64) throws {
        var dice = Dice(state: seed)
        let pool = try #require(BufferPool(capacity: 20))
        defer { pool.deallocate() }
        var used: Set<Int32> = []
        var everUsed: Set<Int32> = []
        /// The most that may be in use of either size, while no more than before are given out.
        var most: (large: Int, small: Int)?
        func inUse() -> (large: Int, small: Int) {
            (used.count { $0 < 20 }, used.count { $0 >= 20 })
        }
        for _ in 0..<2000 {
            switch Int.random(in: 0..<20, using: &dice) {
            case 0:
                pool.close()
                most = inUse()
            case 1:
                pool.open()
                most = nil
            case 2: _ = pool.giveBack(Int.random(in: 1...5, using: &dice))
            case 3:
                // What was freed since the last time is set aside once nothing is left of that.
                for _ in 0..<2 { while pool.giveBack(3) {} }
                for index in Int32(0)..<30 where !used.contains(index) {
                    let neighbour = index < 20 ? index : index ^ 1
                    // A page whose other half was never used waits for it.
                    let isWhole = everUsed.contains(neighbour) && !used.contains(neighbour)
                    if isWhole { #expect(pool[index][0] == 0) }
                }
            case 4...12:
                let isLarge = Bool.random(using: &dice)
                let index = pool.allocate(fitting: isLarge ? BufferPool.bufferBytes : 1)
                let (large, small) = inUse()
                let isFull = large == most?.large ?? 20 && (isLarge || small == most?.small ?? 10)
                #expect((index < 0) == isFull)
                guard index >= 0 else { continue }
                #expect(used.insert(index).inserted)
                everUsed.insert(index)
                pool[index][0] = 1
            default:
                guard let index = used.sorted().randomElement(using: &dice) else { continue }
                used.remove(index)
                pool.free(index, touched: 1)
            }
            #expect(pool.inUse == used.count)
        }
    }

    @Test(
        "A deadline never fires early, fires within three ticks, and only once; no wait goes beyond one",
        arguments: 1..<20)
    func timers(seed: UInt64) {
        var dice = Dice(state: seed)
        var now: UInt64 = 5_000_000_000
        var wheel = TimerWheel(capacity: 40, now: now)
        defer { wheel.deallocate() }
        var model: [Int: UInt64] = [:]
        let tick: UInt64 = 1 << TimerWheel.tickShift
        for _ in 0..<3000 {
            let index = Int.random(in: 0..<40, using: &dice)
            switch Int.random(in: 0..<10, using: &dice) {
            case 0:
                wheel.clear(index)
                model[index] = nil
            case 1:
                wheel.set(index, deadline: TimerWheel.never)
                model[index] = nil
            default:
                let far: UInt64 = Bool.random(using: &dice) ? 300_000_000 : 60_000_000_000
                let deadline = now + UInt64.random(in: 0..<far, using: &dice)
                wheel.set(index, deadline: deadline)
                model[index] = deadline
            }
            let wait = wheel.millisecondsToNext(now: now)
            if let next = model.values.min() {
                #expect(wait >= 0 && now + UInt64(max(wait, 0)) * 1_000_000 <= max(next, now) + 3 * tick)
            }
            now += UInt64.random(in: 0..<100_000_000, using: &dice)
            while case let fired = wheel.nextExpired(now: now), fired >= 0 {
                #expect(model[fired].map { $0 <= now } == true)
                model[fired] = nil
            }
            for deadline in model.values { #expect(deadline + 3 * tick > now) }
        }
    }

    @Test("A value lies in the histogram bucket whose bounds enclose it")
    func histogram() {
        for shift in 0..<26 {
            for offset in [0, 1, 3] {
                let value = (UInt64(1) << UInt64(shift)) + UInt64(offset)
                let index = LatencyHistogram.index(of: value)
                #expect(value < LatencyHistogram.upperBound(of: index))
                #expect(index == 0 || value >= LatencyHistogram.upperBound(of: index - 1))
            }
        }
        #expect(LatencyHistogram.index(of: .max) == LatencyHistogram.bucketCount - 1)
    }

    @Test("A chunked body is followed alike however it is cut into pieces", arguments: 1..<40)
    func chunks(seed: UInt64) {
        var dice = Dice(state: seed)
        let text = Array("5;a=b\r\nhello\r\n00a\r\n0123456789\r\n0\r\nx: y\r\n\r\nGET /next".utf8)
        let characters = CharacterTable()
        defer { characters.deallocate() }
        var decoder = ChunkedDecoder()
        var body: [UInt8] = []
        var start = 0
        var progress = ChunkedDecoder.Progress.more
        while progress == .more, start < text.count {
            let piece = Array(text[start..<min(text.count, start + Int.random(in: 1...9, using: &dice))])
            var used = 0
            piece.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                progress = decoder.consume(Bytes(base: base, count: piece.count), at: &used, characters: characters) {
                    body += piece[$0..<($0 + $1)]
                }
            }
            start += used
        }
        #expect(progress == .finished)
        #expect(String(decoding: body, as: UTF8.self) == "hello0123456789")
        #expect(String(decoding: text[start...], as: UTF8.self) == "GET /next")
    }
}
