extension Memory {
    private static let traceParentBytes = 70

    /// Puts a line of `traceparent`, version 00, in words of eight bytes, the last of which ends behind the line. The number
    /// of the trace's root, which need only be unlike those of its children, is half of the trace's own.
    ///
    /// - Parameters:
    ///   - digits: where in this memory the trace's 32 digits stand; `nil` has them made.
    /// - Returns: the offset after the line.
    @inline(__always)
    func put(
        traceParent trace: TraceID, digitsAt digits: Int?, isSampled: Bool, at offset: Int
    ) -> Int {
        let line = part(offset, Self.traceParentBytes + 3)
        // `tracepar`, `ent: 00-`
        line.put(word: 0x7261_7065_6361_7274, at: 0)
        line.put(word: 0x2d30_3020_3a74_6e65, at: 8)
        if let digits {
            line.put(word: word(digits), at: 16)
            line.put(word: word(digits + 8), at: 24)
            line.put(word: word(digits + 16), at: 32)
            line.put(word: word(digits + 24), at: 40)
        } else {
            line.put(trace, at: 16)
        }
        line[48] = 0x2d
        let root = trace.low == 0 ? 16 : 32
        line.put(word: line.word(root), at: 49)
        line.put(word: line.word(root + 8), at: 57)
        // `-00` or `-01`, and the line's end
        line.put(word: isSampled ? 0x0a_0d31_302d : 0x0a_0d30_302d, at: 65)
        return offset + Self.traceParentBytes
    }

    /// Puts a trace's number in 32 hexadecimal digits.
    @inline(__always)
    @discardableResult
    func put(_ trace: TraceID, at offset: Int) -> Int {
        put(hexadecimal: trace.low, at: put(hexadecimal: trace.high, at: offset))
    }

    @inline(__always)
    private func word(_ offset: Int) -> UInt64 { view(offset, 8).word64(0) }

    /// Puts eight bytes, the lowest first.
    @inline(__always)
    private func put(word: UInt64, at offset: Int) {
        precondition(offset >= 0 && offset + 8 <= count)
        unsafe pointer.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
    }
}
