/// Bytes that somebody else keeps alive, read-only and bounds-checked: what the data plane reads instead of `String`.
///
/// A trivial value. Whoever makes one from a pointer vouches that the bytes outlive it.
@safe
package struct ByteView: @unchecked Sendable {
    // Sendable: read-only; the maker vouches for the lifetime.
    @usableFromInline let base: UnsafeRawPointer
    package let count: Int

    @unsafe @inlinable @inline(__always)
    package init(base: UnsafeRawPointer, count: Int) {
        precondition(count >= 0)
        self.base = base
        self.count = count
    }

    @inlinable @inline(__always)
    package init(_ text: StaticString) {
        self.init(base: UnsafeRawPointer(text.utf8Start), count: text.utf8CodeUnitCount)
    }

    @inlinable package var isEmpty: Bool { count == 0 }

    @inlinable @inline(__always)
    package subscript(index: Int) -> UInt8 {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        return base.load(fromByteOffset: index, as: UInt8.self)
    }

    /// Eight bytes from `index` on as a little-endian number; all must lie within the view.
    @inlinable @inline(__always)
    package func word64(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index + 8 <= count)
        return UInt64(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    @inlinable @inline(__always)
    package func slice(_ start: Int, _ count: Int) -> ByteView {
        precondition(start >= 0 && count >= 0 && start + count <= self.count)
        return ByteView(base: base + start, count: count)
    }

    @inlinable @inline(__always)
    package func equals(_ other: ByteView) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where base.load(fromByteOffset: index, as: UInt8.self) != other[index] { return false }
        return true
    }

    /// - Parameter lower: in lower case.
    @inlinable @inline(__always)
    package func equals(ignoringCase lower: ByteView) -> Bool { count == lower.count && hasPrefix(ignoringCase: lower) }

    @inlinable @inline(__always)
    package func equals(ignoringCase lower: StaticString) -> Bool { equals(ignoringCase: ByteView(lower)) }

    @inlinable @inline(__always)
    package func hasPrefix(ignoringCase lower: ByteView) -> Bool {
        guard count >= lower.count else { return false }
        for index in 0..<lower.count where Self.lowercase(self[index]) != lower[index] { return false }
        return true
    }

    /// The first place of a byte from `start` on, or -1.
    @inlinable @inline(__always)
    package func first(_ byte: UInt8, from start: Int = 0) -> Int {
        var index = start
        while index < count {
            if base.load(fromByteOffset: index, as: UInt8.self) == byte { return index }
            index += 1
        }
        return -1
    }

    @inlinable @inline(__always)
    package static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    @unsafe @inlinable @inline(__always)
    package var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// A copy, off the way of requests.
    package var string: String { String(decoding: buffer, as: UTF8.self) }
}

extension XXH64 {
    @inlinable @inline(__always)
    package static func hash(_ view: ByteView) -> UInt64 { hash(view.buffer) }
}

extension Bucket {
    /// For the request path: `saltedKey` already holds the salt, a colon and the key.
    @inlinable @inline(__always)
    package static func of(saltedKey: ByteView) -> Int { of(saltedKey: saltedKey.buffer) }
}
