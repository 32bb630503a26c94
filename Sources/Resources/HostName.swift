/// What may stand in an endpoint's `hosts`.
package enum HostName {
    /// Takes every host that no other endpoint lists.
    package static let wildcard = "*"
    package static let expectation = "a DNS name without a port, such as fraud.example.com, or '*'"

    /// Whether `text` is `*`, an IPv4 address or a DNS name: labels of 1 to 63 letters, digits, `-` and `_`, together at
    /// most 253 characters, without a trailing dot.
    package static func isValid(_ text: String) -> Bool {
        if text == wildcard { return true }
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                }
        }
    }
}
