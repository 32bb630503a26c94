/// The SHA-256 of an artifact's bytes, and so its address: `sha256:` and 64 lower-case hexadecimal digits.
package struct ArtifactDigest: ValidatedName {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
    package static var kind: String { "artifact digest" }
    package static var expectation: String { "'sha256:' and 64 lower-case hexadecimal digits" }

    package static let prefix = "sha256:"

    package static func isValid(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst(prefix.utf8.count)
        return text.hasPrefix(prefix) && digits.count == 64
            && digits.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    /// The 64 digits alone.
    package var hex: String { String(rawValue.dropFirst(Self.prefix.count)) }
}

/// What a version calls one of its artifacts: a relative path, `model.joblib` or `weights/part-0.bin`.
///
/// It is a label. No file is ever opened by it on a server; the rules keep it harmless where someone pulls a version
/// into a directory.
package struct ArtifactName: ValidatedName {
    package let rawValue: String
    package init(unchecked rawValue: String) { self.rawValue = rawValue }
    package static var kind: String { "artifact" }
    package static var expectation: String {
        "a relative path of at most 1024 bytes, without '.' or '..' segments, backslashes or control characters"
    }

    package static func isValid(_ text: String) -> Bool {
        guard (1...1024).contains(text.utf8.count) else { return false }
        guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f && $0 != "\\" }) else {
            return false
        }
        return text.split(separator: "/", omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}

/// Bytes that the registry keeps.
package struct Artifact: Sendable, Hashable, Codable {
    package let digest: ArtifactDigest
    /// In bytes.
    package let size: Int64
    package let createdAt: Timestamp
    package let createdBy: String

    package init(digest: ArtifactDigest, size: Int64, createdAt: Timestamp, createdBy: String) {
        self.digest = digest
        self.size = size
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// An artifact as a version names it.
package struct VersionArtifact: Sendable, Hashable, Codable {
    package let name: ArtifactName
    package let digest: ArtifactDigest
    /// In bytes.
    package let size: Int64

    package init(name: ArtifactName, digest: ArtifactDigest, size: Int64) {
        self.name = name
        self.digest = digest
        self.size = size
    }
}
