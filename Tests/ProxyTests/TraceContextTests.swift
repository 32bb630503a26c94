import Splitting
import Testing

@testable import Proxy

@Suite struct TraceContextTests {
    private static let valid = Array("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".utf8)

    private static func traceID(_ value: [UInt8]) -> String? {
        value.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return nil }
            return TraceContext.traceID(Bytes(base: base, count: buffer.count))?.text
        }
    }

    @Test(
        "Whatever byte stands at whatever place, a traceparent of version 00 is taken exactly when its letters are right"
    )
    func everyByte() {
        for place in Self.valid.indices where place > 1 {
            for byte in UInt8.min...UInt8.max {
                var value = Self.valid
                value[place] = byte
                let text = String(decoding: value, as: UTF8.self)
                #expect(Self.traceID(value) == TraceParent(text)?.traceID, "byte \(byte) at \(place)")
            }
        }
    }

    @Test("Every version but ff is read, and none may be shorter than version 00 or go on without a dash")
    func versions() {
        for high in Array("0123456789abcdef".utf8) {
            for low in Array("0123456789abcdef".utf8) {
                let value = [high, low] + Self.valid.dropFirst(2)
                let isVersion00 = high == 0x30 && low == 0x30
                let isKnown = !(high == 0x66 && low == 0x66)
                #expect((Self.traceID(value) != nil) == isKnown)
                #expect((Self.traceID(value + Array("-x".utf8)) != nil) == (isKnown && !isVersion00))
                #expect(Self.traceID(value + [0x30]) == nil)
                #expect(Self.traceID(value.dropLast()) == nil)
            }
        }
    }

    @Test("The line that Turnout writes is whole, and touches nothing before it", arguments: [true, false])
    func line(isSampled: Bool) throws {
        let memory = try #require(Memory(reserving: 256))
        defer { memory.deallocate() }
        let numbers: [(TraceID, String)] = [
            (
                TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c),
                "0af7651916cd43dd8448eb211c80319c-8448eb211c80319c"
            ),
            (TraceID(high: 5, low: 0), "00000000000000050000000000000000-0000000000000005"),
            (TraceID(high: 0, low: 7), "00000000000000000000000000000007-0000000000000007"),
        ]
        for (trace, text) in numbers {
            memory.put(trace, at: 0)
            for digits in [0, nil] {
                memory.put("!", at: 99)
                let end = memory.put(traceParent: trace, digitsAt: digits, isSampled: isSampled, at: 100)
                let line = "!traceparent: 00-\(text)-\(isSampled ? "01" : "00")\r\n"
                #expect(memory.view(99, end - 99).string == line)
            }
        }
    }

    @Test("Numbers of traces are never 0, and two streams have none in common")
    func numbers() {
        var streams = (TraceIDs(1, 2), TraceIDs())
        var seen: Set<UInt64> = []
        for _ in 0..<10_000 {
            seen.insert(streams.0.next())
            seen.insert(streams.1.next())
        }
        #expect(seen.count == 20_000 && !seen.contains(0))
    }
}
