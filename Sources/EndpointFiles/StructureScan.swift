/// Bounds what parsing a text can cost, from its bytes alone and before any of it is parsed.
///
/// It knows little of quotes and comments, so it may count what is mere text; it never counts too little. Three things make a
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
        var commentEnd = 0
        for index in bytes.indices where index >= commentEnd {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "#") where Self.isBlank(bytes, index - 1):
                commentEnd = Self.endOfComment(bytes, index)
            case UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ":"), UInt8(ascii: "\n"),
                UInt8(ascii: "\r"):
                indicators += 1
            case UInt8(ascii: "-") where Self.isBlank(bytes, index + 1):
                indicators += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if Self.isFollowedByColon(bytes, index + 1), !Self.isAddress(bytes, endingAt: index),
                    !Self.isPlaceholder(bytes, endingAt: index)
                {
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

    /// Where the comment ends that seems to begin at `start`. With a quote in it, it may be text that ends at that
    /// quote, and nothing may be skipped; without one it holds no token either way.
    private static func endOfComment(_ bytes: [UInt8], _ start: Int) -> Int {
        var index = start
        while index < bytes.count, !isBreak(bytes, index) {
            guard bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "'") else { return start }
            index += 1
        }
        return index
    }

    /// Whether one of YAML's line breaks begins here: LF, CR, NEL, LS, PS.
    private static func isBreak(_ bytes: [UInt8], _ index: Int) -> Bool {
        switch bytes[index] {
        case 0x0a, 0x0d: true
        case 0xc2: index + 1 < bytes.count && bytes[index + 1] == 0x85
        case 0xe2:
            index + 2 < bytes.count && bytes[index + 1] == 0x80
                && (bytes[index + 2] == 0xa8 || bytes[index + 2] == 0xa9)
        default: false
        }
    }

    private static func isBlank(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard bytes.indices.contains(index) else { return true }
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

    /// Whether the bracket closes a word alone, as in `http://fraud-v{version}:8080`. Were it a key, it would hold
    /// nothing but that word.
    private static func isPlaceholder(_ bytes: [UInt8], endingAt close: Int) -> Bool {
        var index = close - 1
        while index >= 0, close - index < 64, (0x61...0x7a).contains(bytes[index] | 0x20) { index -= 1 }
        return index >= 0 && bytes[close] == UInt8(ascii: "}") && bytes[index] == UInt8(ascii: "{")
    }
}
