/// The number of a trace, as W3C Trace Context has it: 16 bytes, not all zero.
struct TraceID: BitwiseCopyable, Hashable, Sendable {
    static let digitCount = 32

    var high: UInt64 = 0
    var low: UInt64 = 0

    /// 32 digits in lower case, as they stand in `traceparent`.
    var text: String { Self.digits(high) + Self.digits(low) }

    private static func digits(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Reads and writes `traceparent` (W3C Trace Context, level 1), eight digits at a time.
enum TraceContext {
    /// `00-` trace id `-` parent id `-` flags.
    static let count = 55
    private static let dash: UInt8 = 0x2d

    /// The trace id of a valid value; `nil` for everything else. Values of later versions may have more fields.
    static func traceID(_ value: Bytes) -> TraceID? {
        guard value.count >= count, value[2] == dash, value[35] == dash, value[52] == dash else { return nil }
        let version = value.word64(0) & 0xffff
        // Version 00 has nothing more; ff is none.
        guard version == 0x3030 ? value.count == count : value.count == count || value[count] == dash,
            version != 0x6666, isHexadecimal(version | 0x3030_3030_3030_0000)
        else { return nil }
        let first = value.word64(3)
        let second = value.word64(11)
        let third = value.word64(19)
        let fourth = value.word64(27)
        let parent = (value.word64(36), value.word64(44))
        // The flags are the two last bytes of this word, behind the end of the parent id and the dash.
        let flags = value.word64(47) >> 48 | 0x3030_3030_3030_0000
        guard isHexadecimal(first), isHexadecimal(second), isHexadecimal(third), isHexadecimal(fourth),
            isHexadecimal(parent.0), isHexadecimal(parent.1), isHexadecimal(flags),
            parent.0 & parent.1 != zeros || parent.0 | parent.1 != zeros
        else { return nil }
        let trace = TraceID(
            high: number(first) << 32 | number(second), low: number(third) << 32 | number(fourth))
        return trace == TraceID() ? nil : trace
    }

    private static let zeros: UInt64 = 0x3030_3030_3030_3030

    /// Whether all eight bytes are digits or letters from `a` to `f`: sums whose highest bits say what a byte is at least.
    @inline(__always)
    private static func isHexadecimal(_ word: UInt64) -> Bool {
        let highest: UInt64 = 0x8080_8080_8080_8080
        guard word & highest == 0 else { return false }
        let from0 = word &+ 0x5050_5050_5050_5050
        let beyond9 = word &+ 0x4646_4646_4646_4646
        let fromA = word &+ 0x1f1f_1f1f_1f1f_1f1f
        let beyondF = word &+ 0x1919_1919_1919_1919
        return ((from0 & ~beyond9) | (fromA & ~beyondF)) & highest == highest
    }

    /// What eight hexadecimal digits stand for.
    @inline(__always)
    private static func number(_ digits: UInt64) -> UInt64 {
        let letters = (digits >> 6) & 0x0101_0101_0101_0101
        var value = ((digits & 0x0f0f_0f0f_0f0f_0f0f) &+ letters &* 9).byteSwapped
        value = (value | value >> 4) & 0x00ff_00ff_00ff_00ff
        value = (value | value >> 8) & 0x0000_ffff_0000_ffff
        return (value | value >> 16) & 0xffff_ffff
    }
}
