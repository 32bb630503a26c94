/// An artifact's file is not what it should be.
package struct ArtifactDamage: Error, Sendable, Hashable {
    /// What is wrong, without the file's path: `its file is missing`.
    package let reason: String
}
