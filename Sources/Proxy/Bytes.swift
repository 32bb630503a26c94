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

    @inline(__always)
    func slice(_ start: Int, _ count: Int) -> Bytes {
        precondition(start >= 0 && count >= 0 && start + count <= self.count)
        return unsafe Bytes(base: base + start, count: count)
    }

    @inline(__always)
    func equals(_ other: Bytes) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }

    /// - Parameter lower: in lower case.
    @inline(__always)
    func equals(ignoringCase lower: Bytes) -> Bool { count == lower.count && hasPrefix(ignoringCase: lower) }

    @inline(__always)
    func equals(ignoringCase lower: StaticString) -> Bool { equals(ignoringCase: Bytes(lower)) }

    @inline(__always)
    func hasPrefix(ignoringCase lower: Bytes) -> Bool {
        guard count >= lower.count else { return false }
        for index in 0..<lower.count where Self.lowercase(self[index]) != lower[index] { return false }
        return true
    }

    /// The first place of a byte from `start` on, or -1.
    @inline(__always)
    func first(_ byte: UInt8, from start: Int = 0) -> Int {
        var index = start
        while index < count {
            if self[index] == byte { return index }
            index += 1
        }
        return -1
    }

    @inline(__always)
    static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    @unsafe @inline(__always)
    var buffer: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

    /// A copy, off the way of requests.
    var string: String { unsafe String(decoding: buffer, as: UTF8.self) }
}
