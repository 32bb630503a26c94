/// A trailer field's name as it comes, byte by byte, told by a hash from the few that may not stand in a trailer
/// (RFC 9110 §6.5.1). A name that collides with one of them is refused with it.
struct TrailerName: BitwiseCopyable {
    private var hash = TrailerName.basis
    private var count: UInt16 = 0
    private var isTurnouts = false

    // FNV-1a, 64 bit.
    private static let basis: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let prime: UInt64 = 0x0000_0100_0000_01b3

    private static let turnout = hash(of: "x-turnout-")
    private static let forbidden: [UInt64] = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ].map(hash(of:))

    mutating func append(_ byte: UInt8) {
        hash = (hash ^ UInt64(Bytes.lowercase(byte))) &* Self.prime
        count &+= 1
        if count == 10, hash == Self.turnout { isTurnouts = true }
    }

    var isForbidden: Bool { isTurnouts || Self.forbidden.contains(hash) }

    private static func hash(of name: String) -> UInt64 {
        var trailer = TrailerName()
        for byte in name.utf8 { trailer.hash = (trailer.hash ^ UInt64(byte)) &* prime }
        return trailer.hash
    }
}
