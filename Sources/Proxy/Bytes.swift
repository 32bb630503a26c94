import Glibc
import Splitting

/// Bytes that somebody else keeps alive, read-only and bounds-checked: what the loops read instead of `String`.
///
/// A trivial value, like `ByteView`, which it converts from and to; its own type because calls into another module
/// are not inlined, and these stand for single loads. Whoever makes one from a pointer vouches for the lifetime.
@safe
struct Bytes: @unchecked Sendable {
    // Sendable: read-only; the maker vouches for the lifetime.
    private let base: UnsafeRawPointer
    let count: Int

    @unsafe @inline(__always)
    init(base: UnsafeRawPointer, count: Int) {
        precondition(count >= 0)
        unsafe self.base = base
        self.count = count
    }

    @inline(__always)
    init(_ text: StaticString) {
        unsafe self.init(base: UnsafeRawPointer(text.utf8Start), count: text.utf8CodeUnitCount)
    }

    init(_ view: ByteView) {
        guard let base = unsafe view.buffer.baseAddress else { preconditionFailure("a view has an address") }
        unsafe self.init(base: base, count: view.count)
    }

    var view: ByteView { unsafe ByteView(base: base, count: count) }

    var isEmpty: Bool { count == 0 }

    @inline(__always)
    subscript(index: Int) -> UInt8 {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        return unsafe base.load(fromByteOffset: index, as: UInt8.self)
    }

    /// Eight bytes from `index` on as a little-endian number; all must lie within.
    @inline(__always)
    func word64(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index + 8 <= count)
        return unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Four bytes, as `word64` has eight.
    @inline(__always)
    func word32(_ index: Int) -> UInt32 {
        precondition(index >= 0 && index + 4 <= count)
        return unsafe UInt32(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt32.self))
    }

    /// The bytes from `index` on; all must lie within.
    @inline(__always)
    func block(_ index: Int) -> ByteBlock {
        precondition(index >= 0 && index &+ ByteBlock.count <= count)
        return unsafe ByteBlock(at: base + index)
    }

    @inline(__always)
    func slice(_ start: Int, _ count: Int) -> Bytes {
        precondition(start >= 0 && count >= 0 && start + count <= self.count)
        return unsafe Bytes(base: base + start, count: count)
    }

    /// Where the bytes from `start` on that are of a kind end.
    @inline(__always)
    func end(of kind: UInt8, _ characters: CharacterTable, from start: Int = 0) -> Int {
        precondition(start >= 0)
        var at = start
        while at < count, unsafe characters.has(base.load(fromByteOffset: at, as: UInt8.self), kind) { at += 1 }
        return at
    }

    /// The same for a kind that all letters, digits, `-`, `.` and `_` are of.
    @inline(__always)
    func end(ofWords kind: UInt8, _ characters: CharacterTable, from start: Int = 0) -> Int {
        var at = start
        while at &+ ByteBlock.count <= count {
            let plain = block(at).plainCount
            at &+= plain
            guard plain < ByteBlock.count else { continue }
            guard characters.has(self[at], kind) else { return at }
            at &+= 1
        }
        return end(of: kind, characters, from: at)
    }

    @inline(__always)
    func equals(_ other: Bytes) -> Bool {
        unsafe count == other.count && memcmp(base, other.base, count) == 0
    }

    /// - Parameter lower: in lower case.
    @inline(__always)
    func equals(ignoringCase lower: Bytes) -> Bool { count == lower.count && hasPrefix(ignoringCase: lower) }

    @inline(__always)
    func equals(ignoringCase lower: StaticString) -> Bool { equals(ignoringCase: Bytes(lower)) }

    /// Compares words; the last one overlaps the one before it.
    @inline(__always)
    func hasPrefix(ignoringCase lower: Bytes) -> Bool {
        let wanted = lower.count
        guard count >= wanted else { return false }
        if wanted >= 8 {
            var at = 0
            while at < wanted &- 8 {
                guard Self.lowercase(word64(at)) == lower.word64(at) else { return false }
                at &+= 8
            }
            return Self.lowercase(word64(wanted &- 8)) == lower.word64(wanted &- 8)
        }
        if wanted >= 4 {
            let word = UInt64(word32(wanted &- 4)) << 32 | UInt64(word32(0))
            return Self.lowercase(word) == UInt64(lower.word32(wanted &- 4)) << 32 | UInt64(lower.word32(0))
        }
        for at in 0..<wanted where Self.lowercase(self[at]) != lower[at] { return false }
        return true
    }

    /// The first place of a byte from `start` on, or -1.
    @inline(__always)
    func first(_ byte: UInt8, from start: Int = 0) -> Int {
        var index = start
        while index &+ ByteBlock.count <= count {
            let others = block(index).count(before: byte)
            if others < ByteBlock.count { return index &+ others }
            index &+= ByteBlock.count
        }
        while index < count {
            if self[index] == byte { return index }
            index &+= 1
        }
        return -1
    }

    @inline(__always)
    static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Eight bytes at once: the highest bit of each byte's sum says whether it is at least `A`, or beyond `Z`.
    @inline(__always)
    static func lowercase(_ word: UInt64) -> UInt64 {
        let low = word & 0x7f7f_7f7f_7f7f_7f7f
        let fromA = low &+ 0x3f3f_3f3f_3f3f_3f3f
        let beyondZ = low &+ 0x2525_2525_2525_2525
        return word | ((fromA ^ beyondZ) & ~word & 0x8080_8080_8080_8080) >> 2
    }

    @unsafe @inline(__always)
    var buffer: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

    /// A copy, off the way of requests.
    var string: String { unsafe String(decoding: buffer, as: UTF8.self) }
}
