/// Bounds what parsing a text can cost, from its bytes alone and before any of it is parsed.
///
/// It knows nothing of quotes, so it may count what is mere text; it never counts too little. Three things make a
/// YAML parser's work grow out of proportion to the file: very many nodes, keys that are collections (each is hashed
/// with all that it holds, once a level), and aliases inside such keys (hashed as if written out, exponentially).
/// Aliases elsewhere are shared while parsing and are counted when the tree is walked.
struct StructureScan {
    private(set) var indicators = 0
    private(set) var complexKeys = 0
    private(set) var aliases = 0
    /// Where the first key that is not a plain word ends, in bytes.
    private(set) var firstComplexKey: Int?

    init(_ bytes: [UInt8]) {
        for index in bytes.indices {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ":"), UInt8(ascii: "\n"),
                UInt8(ascii: "\r"):
                indicators += 1
            case UInt8(ascii: "-") where Self.isBlank(bytes, index + 1):
                indicators += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if Self.isFollowedByColon(bytes, index + 1), !Self.isAddress(bytes, endingAt: index) {
                    countComplexKey(at: index)
                }
            case UInt8(ascii: "?") where Self.startsToken(bytes, index):
                countComplexKey(at: index)
            case UInt8(ascii: "*") where Self.startsToken(bytes, index) && !Self.isBlank(bytes, index + 1):
                aliases += 1
                var end = index + 1
                while end < bytes.count, Self.isAnchorByte(bytes[end]) { end += 1 }
                if end > index + 1, Self.isFollowedByColon(bytes, end) { countComplexKey(at: index) }
            default: break
            }
        }
    }

    private mutating func countComplexKey(at index: Int) {
        complexKeys += 1
        firstComplexKey = firstComplexKey ?? index
    }

    private static func isBlank(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard index < bytes.count else { return true }
        return [0x20, 0x09, 0x0a, 0x0d].contains(bytes[index])
    }

    /// Whether a token can start here: after nothing, a blank, a bracket, a comma, a colon or a closing quote. A byte
    /// beyond ASCII may end one of Unicode's line breaks.
    private static func startsToken(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard index > 0 else { return true }
        let before = bytes[index - 1]
        return before >= 0x80 || isBlank(bytes, index - 1)
            || [
                UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ","),
                UInt8(ascii: ":"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"),
            ].contains(before)
    }

    private static func isFollowedByColon(_ bytes: [UInt8], _ index: Int) -> Bool {
        var index = index
        while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        return index < bytes.count && bytes[index] == UInt8(ascii: ":")
    }

    private static func isAnchorByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// Whether the bracket closes an IPv6 address in a URL, as in `http://[::1]:8080`: that is text, for a plain word
    /// that ends in `//` can't stand before a list.
    private static func isAddress(_ bytes: [UInt8], endingAt close: Int) -> Bool {
        var index = close - 1
        while index >= 0, close - index < 64, bytes[index] != UInt8(ascii: "[") {
            let isHex = (0x30...0x39).contains(bytes[index]) || (0x61...0x66).contains(bytes[index] | 0x20)
            guard isHex || bytes[index] == UInt8(ascii: ":") || bytes[index] == UInt8(ascii: ".") else { return false }
            index -= 1
        }
        return index >= 2 && bytes[index] == UInt8(ascii: "[") && bytes[index - 1] == UInt8(ascii: "/")
            && bytes[index - 2] == UInt8(ascii: "/")
    }
}
