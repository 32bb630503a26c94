/// What hashing an artifact anew found.
package struct ArtifactInspection: Sendable, Hashable, Codable {
    package let digest: ArtifactDigest
    /// In bytes, as pushed.
    package let size: Int64
    /// What is wrong with it; absent when it is whole.
    package let damage: String?
    /// Versions that it belongs to, at most 100.
    package let versions: [VersionReference]

    package init(digest: ArtifactDigest, size: Int64, damage: String?, versions: [VersionReference]) {
        self.digest = digest
        self.size = size
        self.damage = damage
        self.versions = versions
    }
}
