import Digests
package import Foundation
package import Resources

/// Hashes files without holding them in memory. Blocks; meant for the command line.
package enum FileDigest {
    private static let chunkSize = 1 << 20

    /// - Throws: `ClientError` with code `misconfigured` when the file can't be read.
    package static func sha256(_ file: URL) throws(ClientError) -> ArtifactDigest {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            var hasher = SHA256Hasher()
            while let chunk = try handle.read(upToCount: chunkSize), !chunk.isEmpty { hasher.update(Array(chunk)) }
            return ArtifactDigest(unchecked: ArtifactDigest.prefix + hasher.finalize().hex)
        } catch {
            throw ClientError(.misconfigured, "cannot read \(file.path): \(error.localizedDescription)")
        }
    }
}
