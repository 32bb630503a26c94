/// Bytes that somebody else keeps alive, read-only: a text of a flat table, or what is looked up in one.
///
/// A trivial value. Whoever makes one from a pointer vouches that the bytes outlive it.
@safe
package struct ByteView: @unchecked Sendable {
    // Sendable: read-only; the maker vouches for the lifetime.
    private let base: UnsafeRawPointer
    package let count: Int

    @unsafe
    package init(base: UnsafeRawPointer, count: Int) {
        precondition(count >= 0)
        self.base = base
        self.count = count
    }

    func equals(_ other: ByteView) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count
        where base.load(fromByteOffset: index, as: UInt8.self)
            != other.base.load(fromByteOffset: index, as: UInt8.self)
        { return false }
        return true
    }

    @unsafe
    package var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// A copy, off the way of requests.
    package var string: String { String(decoding: buffer, as: UTF8.self) }
}

extension XXH64 {
    static func hash(_ view: ByteView) -> UInt64 { hash(view.buffer) }
}

extension Bucket {
    /// For the request path: `saltedKey` already holds the salt, a colon and the key.
    package static func of(saltedKey: ByteView) -> Int { of(saltedKey: saltedKey.buffer) }
}
