/// A name that was checked when it was made, so that nobody downstream checks it again.
///
/// A conforming type says which texts it takes; `init(validating:)` is the only way in.
package protocol ValidatedName: RawRepresentable<String>, Sendable, Hashable, Comparable, Codable,
    CustomStringConvertible, CodingKeyRepresentable
{
    /// What the name names, for messages: `endpoint`.
    static var kind: String { get }
    /// What a valid name looks like, for messages.
    static var expectation: String { get }
    static func isValid(_ text: String) -> Bool
    init(unchecked rawValue: String)
}

extension ValidatedName {
    /// - Throws: `TurnoutError` with code `invalid`, naming what was expected.
    package init(validating text: String) throws(TurnoutError) {
        guard Self.isValid(text) else {
            throw TurnoutError(.invalid, "'\(text)' is not a valid \(Self.kind) name: expected \(Self.expectation).")
        }
        self.init(unchecked: text)
    }

    package init?(rawValue: String) {
        guard Self.isValid(rawValue) else { return nil }
        self.init(unchecked: rawValue)
    }

    package var description: String { rawValue }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(validating: text)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: error.message))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// The name that clients send scoring requests to; a DNS label, since it may appear in paths and hosts.
package struct EndpointName: ValidatedName {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
    package static var kind: String { "endpoint" }
    package static var expectation: String {
        "1 to 63 lower-case letters, digits and '-', not starting or ending with '-', and none of "
            + reserved.sorted().joined(separator: ", ")
    }
    /// First path segments that the scoring dialects own: an endpoint of that name could not be addressed by path.
    package static let reserved: Set<String> = ["v1", "v2", "endpoints"]
    package static func isValid(_ text: String) -> Bool { isDNSLabel(text) && !reserved.contains(text) }
}

/// The name of an arm of an endpoint.
package struct VariantName: ValidatedName {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
    package static var kind: String { "variant" }
    package static var expectation: String {
        "1 to 63 lower-case letters, digits and '-', not starting or ending with '-'"
    }
    package static func isValid(_ text: String) -> Bool { isDNSLabel(text) }
}

/// The name of a family of versions. As liberal as the registries that teams come from.
package struct ModelName: ValidatedName {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
    package static var kind: String { "model" }
    package static var expectation: String {
        "1 to 255 characters without '/', ':', '@', control characters, or white space at either end"
    }
    package static func isValid(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, let last = scalars.last, scalars.count <= 255 else { return false }
        guard !first.properties.isWhitespace, !last.properties.isWhitespace else { return false }
        return scalars.allSatisfy { scalar in
            scalar != "/" && scalar != ":" && scalar != "@" && scalar.value >= 0x20 && scalar.value != 0x7f
        }
    }
}

/// A movable name for one version. The grammar is MLflow's; `latest` and `v<digits>` are reserved there and here.
package struct AliasName: ValidatedName {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
    package static var kind: String { "alias" }
    package static var expectation: String {
        "1 to 255 letters, digits, '_' and '-', other than 'latest' and 'v' followed by digits"
    }
    package static func isValid(_ text: String) -> Bool {
        guard (1...255).contains(text.utf8.count) else { return false }
        guard text.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
        else { return false }
        let lower = text.lowercased()
        let isVersionLike = lower.first == "v" && lower.count > 1 && lower.dropFirst().allSatisfy(\.isNumber)
        return lower != "latest" && !isVersionLike
    }
}

private func isDNSLabel(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard (1...63).contains(bytes.count), bytes.first != UInt8(ascii: "-"), bytes.last != UInt8(ascii: "-")
    else { return false }
    return bytes.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-")
    }
}

private func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
