import CEventLoop
import Glibc
import Splitting

/// Address space of a fixed size that costs memory only where it was touched; bounds-checked.
///
/// A trivial value, freely copied within the thread that owns it; `deallocate` ends all copies.
@safe
struct Memory {
    private let base: UnsafeMutableRawPointer
    let count: Int

    /// - Returns: `nil` when the kernel has no address space left.
    init?(reserving count: Int) {
        guard let base = unsafe turnout_reserve(count) else { return nil }
        unsafe self.base = base
        self.count = count
    }

    private init(base: UnsafeMutableRawPointer, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    func deallocate() { unsafe turnout_unreserve(base, count) }

    @unsafe var pointer: UnsafeMutableRawPointer { unsafe base }

    /// A part of this memory, with bounds of its own.
    @inline(__always)
    func part(_ start: Int, _ count: Int) -> Memory {
        precondition(start >= 0 && count >= 0 && start + count <= self.count)
        return unsafe Memory(base: base + start, count: count)
    }

    @inline(__always)
    func view(_ start: Int, _ count: Int) -> Bytes {
        precondition(start >= 0 && count >= 0 && start + count <= self.count)
        return unsafe Bytes(base: base + start, count: count)
    }

    @inline(__always)
    subscript(index: Int) -> UInt8 {
        get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe base.load(fromByteOffset: index, as: UInt8.self)
        }
        nonmutating set {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            unsafe base.storeBytes(of: newValue, toByteOffset: index, as: UInt8.self)
        }
    }

    /// Copies bytes to `offset`; they may lie in this memory too.
    /// - Returns: the offset after them.
    @inline(__always)
    @discardableResult
    func put(_ bytes: Bytes, at offset: Int) -> Int {
        precondition(offset >= 0 && offset + bytes.count <= count)
        if let source = unsafe bytes.buffer.baseAddress {
            unsafe memmove(base + offset, source, bytes.count)
        }
        return offset + bytes.count
    }

    @inline(__always)
    @discardableResult
    func put(_ text: StaticString, at offset: Int) -> Int { put(Bytes(text), at: offset) }

    /// Puts a number in decimal digits.
    func put(decimal value: UInt64, at offset: Int) -> Int {
        var digits = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        rest = value
        var index = offset + digits
        while index > offset {
            index -= 1
            self[index] = UInt8(truncatingIfNeeded: rest % 10) + 0x30
            rest /= 10
        }
        return offset + digits
    }

    /// Puts a number in sixteen hexadecimal digits.
    @discardableResult
    func put(hexadecimal value: UInt64, at offset: Int) -> Int {
        precondition(offset >= 0 && offset + 16 <= count)
        let (high, low) = (Self.digits(value >> 32), Self.digits(value & 0xffff_ffff))
        unsafe base.storeBytes(of: high, toByteOffset: offset, as: UInt64.self)
        unsafe base.storeBytes(of: low, toByteOffset: offset + 8, as: UInt64.self)
        return offset + 16
    }

    /// The eight digits of 32 bits, all at once: a byte a digit, spread by halves, the first at the lowest address.
    private static func digits(_ value: UInt64) -> UInt64 {
        var spread = (value | value << 16) & 0x0000_ffff_0000_ffff
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
        spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f
        let letters = ((spread &+ 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101
        return (spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).bigEndian
    }

    /// Gives the pages from `start` on back to the kernel; they read as zero afterwards.
    func forget(from start: Int, _ count: Int) {
        precondition(start >= 0 && count >= 0 && start + count <= self.count)
        unsafe turnout_forget(base + start, count)
    }

    /// Receives into `start ..< start + count`.
    /// - Returns: bytes received, 0 at the end of the stream, or a negated errno.
    @inline(__always)
    func receive(_ descriptor: Int32, at start: Int, _ count: Int) -> Int {
        precondition(start >= 0 && count >= 0 && start + count <= self.count)
        return unsafe Int(turnout_receive(descriptor, base + start, count))
    }
}

extension Bytes {
    /// - Returns: bytes sent, 0 when the kernel takes none now, or a negated errno.
    @inline(__always)
    func send(to descriptor: Int32) -> Int {
        guard let base = unsafe buffer.baseAddress else { return 0 }
        let sent = unsafe Int(turnout_send(descriptor, base, count))
        return sent == -Int(EAGAIN) ? 0 : sent
    }
}
