internal import Digests
internal import Foundation
internal import Resources

/// One artifact on its way in. An actor on a queue of its own, since writing and syncing block.
actor ArtifactWriter {
    /// An upload that nothing was written to for so long is nobody's any more.
    private static let abandonment: TimeInterval = 24 * 3600

    private let store: ArtifactStore
    private nonisolated let executor = QueueExecutor(label: "turnout.artifact-writer")
    private let temporaryPath: String
    private var file: FileDescriptor?
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private var size: Int64 = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(store: ArtifactStore) {
        self.store = store
        temporaryPath = store.incoming + "/" + Hexadecimal.text(SecureBytes.random(count: 16))
    }

    func open() throws(TurnoutError) {
        try FileDescriptor.makeDirectories(store.incoming)
        // Whoever begins takes away what a killed server left, so that nothing else has to.
        FileDescriptor.removeFiles(in: store.incoming, untouchedFor: Self.abandonment)
        file = try FileDescriptor.create(temporaryPath)
    }

    func write(_ chunk: [UInt8]) throws(TurnoutError) {
        guard let file else { throw TurnoutError(.internal, "The artifact is not open.") }
        size += Int64(chunk.count)
        guard size <= store.maximumSize else {
            throw TurnoutError(.tooLarge, "The artifact is larger than this server takes: \(store.maximumSize) bytes.")
        }
        hasher?.update(chunk)
        try file.write(chunk)
    }

    /// Puts the artifact in its place, durably: file first, then the directories that name it.
    func commit(expected: ArtifactDigest?) throws(TurnoutError) -> (digest: ArtifactDigest, size: Int64) {
        guard let file, let digest = hasher.take()?.finalize() else {
            throw TurnoutError(.internal, "The artifact is not open.")
        }
        let actual = ArtifactDigest(unchecked: ArtifactDigest.prefix + digest.hex)
        if let expected, expected != actual {
            throw TurnoutError(
                .invalid, "The artifact was damaged on its way: it should be \(expected), but hashes to \(actual).")
        }
        try file.synchronize()
        file.close()
        self.file = nil
        let folder = store.folder(of: actual)
        try FileDescriptor.makeDirectories(folder)
        try FileDescriptor.rename(temporaryPath, store.path(of: actual))
        for directory in [folder, store.directory + "/sha256", store.directory] {
            try FileDescriptor.synchronizeDirectory(directory)
        }
        return (actual, size)
    }

    /// Leaves nothing behind; harmless after `commit`.
    func discard() {
        file?.close()
        file = nil
        unlink(temporaryPath)
    }
}
