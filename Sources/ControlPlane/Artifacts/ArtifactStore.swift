internal import Digests
internal import Foundation
package import Resources

/// Artifacts as files in a local directory, each at the address that its bytes hash to: `sha256/ab/cdef…`.
///
/// Several servers may share one directory. All file calls run on queues of their own, never on Swift's cooperative
/// threads. No path is ever made of anything but a digest and random digits.
package struct ArtifactStore: Sendable {
    /// An artifact with more bytes is refused while it comes in. 16 GiB.
    package static let defaultMaximumSize: Int64 = 16 << 30

    package let directory: String
    /// In bytes.
    package let maximumSize: Int64

    /// - Parameter directory: made, with its parents, when the first artifact comes.
    package init(directory: String, maximumSize: Int64 = ArtifactStore.defaultMaximumSize) {
        self.directory = directory
        self.maximumSize = maximumSize
    }

    /// Takes an artifact in: hashed while written, synced, and only then put in its place, so that no reader ever sees
    /// a part of it. A damaged copy that was there is replaced.
    ///
    /// - Parameter expected: refused with `invalid` when the bytes hash to something else.
    /// - Throws: `TurnoutError`: `tooLarge`, `invalid`, or `unavailable` when the disk fails; or what `chunks` throws.
    package func receive<Chunks: AsyncSequence>(
        _ chunks: Chunks, expected: ArtifactDigest?
    ) async throws -> (digest: ArtifactDigest, size: Int64) where Chunks.Element == [UInt8] {
        let writer = ArtifactWriter(store: self)
        do {
            try await writer.open()
            for try await chunk in chunks { try await writer.write(chunk) }
            return try await writer.commit(expected: expected)
        } catch {
            await writer.discard()
            throw error
        }
    }

    /// Opens an artifact after having checked that all its bytes still hash to its address.
    /// - Throws: `ArtifactDamage`; `TurnoutError` with `unavailable` when the disk fails.
    package func open(_ digest: ArtifactDigest) async throws -> ArtifactReader {
        let reader = ArtifactReader(digest: digest)
        try await reader.open(path: path(of: digest))
        return reader
    }

    /// Hashes an artifact anew.
    /// - Returns: `nil` when it is whole, otherwise what is wrong with it.
    package func damage(of digest: ArtifactDigest) async throws -> ArtifactDamage? {
        let reader = ArtifactReader(digest: digest)
        return try await reader.inspect(path: path(of: digest))
    }

    var incoming: String { directory + "/incoming" }

    func path(of digest: ArtifactDigest) -> String {
        "\(folder(of: digest))/\(digest.hex.dropFirst(2))"
    }

    func folder(of digest: ArtifactDigest) -> String {
        "\(directory)/sha256/\(digest.hex.prefix(2))"
    }
}
