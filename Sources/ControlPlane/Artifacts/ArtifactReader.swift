internal import Digests
internal import Foundation
package import Resources

/// An artifact being read. An actor on a queue of its own, since reading blocks. One task at a time.
package actor ArtifactReader {
    private static let chunkSize = 256 << 10

    package nonisolated let digest: ArtifactDigest
    private nonisolated let executor = QueueExecutor(label: "turnout.artifact-reader")
    private var file: FileDescriptor?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(digest: ArtifactDigest) { self.digest = digest }

    isolated deinit { file?.close() }

    /// The next bytes, at most 256 KiB; `nil` at the end.
    package func next() throws(TurnoutError) -> [UInt8]? {
        guard let chunk = try file?.read(Self.chunkSize), !chunk.isEmpty else { return nil }
        return chunk
    }

    /// Checks the whole file and goes back to its beginning. What is sent afterwards comes from the same open file.
    func open(path: String) throws {
        if let damage = try inspect(path: path) { throw damage }
        try file?.rewind()
    }

    /// - Returns: `nil` when the file is whole, otherwise what is wrong with it.
    func inspect(path: String) throws(TurnoutError) -> ArtifactDamage? {
        guard let opened = try FileDescriptor.openIfPresent(path) else {
            return ArtifactDamage(reason: "its file is missing")
        }
        file = opened
        var hasher = SHA256Hasher()
        while true {
            let chunk = try opened.read(Self.chunkSize)
            guard !chunk.isEmpty else { break }
            hasher.update(chunk)
        }
        let actual = ArtifactDigest.prefix + hasher.finalize().hex
        return actual == digest.rawValue ? nil : ArtifactDamage(reason: "its bytes hash to \(actual)")
    }
}
