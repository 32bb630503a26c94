/// Sixteen bytes, looked at together.
///
/// Comparisons are made between whole vectors: with a single number on one side they would be made byte by byte.
struct ByteBlock {
    static let count = 16

    private let bytes: SIMD16<UInt8>

    @unsafe @inline(__always)
    init(at address: UnsafeRawPointer) {
        unsafe bytes = address.loadUnaligned(as: SIMD16<UInt8>.self)
    }

    /// How many letters, digits, `-`, `.` and `_` come before the first other byte.
    @inline(__always)
    var plainCount: Int {
        let letters = ((bytes | Self.all(0x20)) &- Self.all(0x61)) .< Self.all(26)
        // From `-` to `9`, with `/` between.
        let digits = (bytes &- Self.all(0x2d)) .< Self.all(13) .& (bytes .!= Self.all(0x2f))
        return Self.first(.!(letters .| digits .| (bytes .== Self.all(0x5f))))
    }

    /// How many bytes come before the first control character; a tab is one.
    @inline(__always)
    var textCount: Int { Self.first((bytes .< Self.all(0x20)) .| (bytes .== Self.all(0x7f))) }

    /// How many bytes of a request's target come before the first that may not stand there (see `CharacterTable.target`).
    @inline(__always)
    var targetCount: Int {
        Self.first((bytes &- Self.all(0x21)) .>= Self.all(0x5e) .| (bytes .== Self.all(0x23)))
    }

    /// How many bytes come before the first that equals `byte`.
    @inline(__always)
    func count(before byte: UInt8) -> Int { Self.first(bytes .== Self.all(byte)) }

    @inline(__always)
    private static func all(_ byte: UInt8) -> SIMD16<UInt8> { SIMD16(repeating: byte) }

    /// The first place of those that are marked, or `count`.
    @inline(__always)
    private static func first(_ marked: SIMDMask<SIMD16<Int8>>) -> Int {
        let halves = unsafe unsafeBitCast(marked, to: SIMD2<UInt64>.self)
        if halves[0] != 0 { return UInt64(littleEndian: halves[0]).trailingZeroBitCount >> 3 }
        return 8 &+ UInt64(littleEndian: halves[1]).trailingZeroBitCount >> 3
    }
}
