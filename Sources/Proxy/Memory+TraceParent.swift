extension Memory {
    private static let traceParentBytes = 70

    /// Puts a line of `traceparent`, version 00, in words of eight bytes, the last of which ends behind the line.
    ///
    /// - Parameters:
    ///   - digits: where in this memory the trace's 32 digits stand; `nil` has them made.
    ///   - parent: not 0.
    /// - Returns: the offset after the line.
    @inline(__always)
    func put(
        traceParent trace: TraceID, digitsAt digits: Int?, parent: UInt64, isSampled: Bool, at offset: Int
    ) -> Int {
        let line = part(offset, Self.traceParentBytes + 3)
        // `tracepar`, `ent: 00-`
        line.put(word: 0x7261_7065_6361_7274, at: 0)
        line.put(word: 0x2d30_3020_3a74_6e65, at: 8)
        if let digits {
            let text = view(digits, TraceID.digitCount)
            for place in 0..<4 { line.put(word: text.word64(place * 8), at: 16 + place * 8) }
        } else {
            line.put(trace, at: 16)
        }
        line[48] = 0x2d
        line.put(hexadecimal: parent, at: 49)
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

    /// Puts eight bytes, the lowest first.
    @inline(__always)
    private func put(word: UInt64, at offset: Int) {
        precondition(offset >= 0 && offset + 8 <= count)
        unsafe pointer.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
    }
}
