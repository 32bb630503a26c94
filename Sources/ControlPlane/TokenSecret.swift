internal import Digests

/// A token as its bearer knows it: `tko_`, a public id of 12 hexadecimal digits, `_`, and a secret of 64.
struct TokenSecret {
    private static let prefix = "tko_"

    let id: String
    let text: String

    /// What the registry keeps. A plain hash suffices: the secret has 256 random bits, nobody can guess it.
    var hash: SHA256Digest { SHA256Digest.hash(text) }

    static func random() -> TokenSecret {
        let id = Hexadecimal.text(SecureBytes.random(count: 6))
        return TokenSecret(id: id, text: "\(prefix)\(id)_\(Hexadecimal.text(SecureBytes.random(count: 32)))")
    }

    private init(id: String, text: String) {
        self.id = id
        self.text = text
    }

    /// - Returns: `nil` for what can't be a token.
    init?(parsing text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isHexadecimal(parts[0], 12), Self.isHexadecimal(parts[1], 64) else { return nil }
        self.init(id: String(parts[0]), text: text)
    }

    private static func isHexadecimal(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
