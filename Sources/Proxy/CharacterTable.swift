/// Which bytes may stand where in a head (RFC 9110 §5.6.2, RFC 9112 §3), as one table lookup a byte.
@safe
struct CharacterTable {
    static let token: UInt8 = 1
    static let target: UInt8 = 2
    static let host: UInt8 = 4
    static let digit: UInt8 = 8
    static let hexadecimal: UInt8 = 16
    /// What a request id of a client may consist of, to be passed on.
    static let identifier: UInt8 = 32
    static let method: UInt8 = 64

    /// One for each byte there is, so that a lookup needs no bounds check.
    private let classes: UnsafeMutablePointer<UInt8>

    init() {
        unsafe classes = .allocate(capacity: 256)
        for byte in UInt8.min...UInt8.max {
            let isDigit = byte &- 0x30 < 10
            let isLetter = (byte | 0x20) &- 0x61 < 26
            var kind: UInt8 = 0
            if isDigit || isLetter || "!#$%&'*+-.^_`|~".utf8.contains(byte) { kind |= Self.token }
            // Not `#`: a fragment is for the client alone, and those who see one disagree about what it ends.
            if byte > 0x20 && byte < 0x7f && byte != 0x23 { kind |= Self.target }
            if isDigit || isLetter || "-._~%!$&'()*+;=:".utf8.contains(byte) { kind |= Self.host }
            if isDigit { kind |= Self.digit | Self.hexadecimal }
            if (byte | 0x20) &- 0x61 < 6 { kind |= Self.hexadecimal }
            if isDigit || isLetter || "-._~:/+=@".utf8.contains(byte) { kind |= Self.identifier }
            if byte &- 0x41 < 26 || byte == 0x2d || byte == 0x5f { kind |= Self.method }
            unsafe (classes + Int(byte)).initialize(to: kind)
        }
    }

    func deallocate() { unsafe classes.deallocate() }

    @inline(__always)
    func has(_ byte: UInt8, _ kind: UInt8) -> Bool { unsafe classes[Int(byte)] & kind != 0 }
}
