internal import Foundation
internal import Resources

/// The few file calls that the artifact store needs. All of them block.
struct FileDescriptor: Sendable {
    private let number: Int32

    /// - Throws: when the file exists, too.
    static func create(_ path: String) throws(TurnoutError) -> FileDescriptor {
        let number = Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o640)
        guard number >= 0 else { throw failure("open", path) }
        return FileDescriptor(number: number)
    }

    static func openIfPresent(_ path: String) throws(TurnoutError) -> FileDescriptor? {
        let number = Foundation.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        if number < 0, errno == ENOENT { return nil }
        guard number >= 0 else { throw failure("open", path) }
        return FileDescriptor(number: number)
    }

    static func makeDirectories(_ path: String) throws(TurnoutError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        } catch {
            throw TurnoutError(.unavailable, "The artifact store can't be written.", context: "mkdir \(path): \(error)")
        }
    }

    /// Removes what it can, and leaves the rest to the next time.
    static func removeFiles(in directory: String, untouchedFor age: TimeInterval) {
        let limit = Date(timeIntervalSinceNow: -age)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            let path = "\(directory)/\(name)"
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let touched = attributes?[.modificationDate] as? Date, touched < limit else { continue }
            unlink(path)
        }
    }

    static func rename(_ from: String, _ to: String) throws(TurnoutError) {
        guard Foundation.rename(from, to) == 0 else { throw failure("rename", to) }
    }

    /// Makes the directory's entries durable.
    static func synchronizeDirectory(_ path: String) throws(TurnoutError) {
        let number = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw failure("open", path) }
        let directory = FileDescriptor(number: number)
        defer { directory.close() }
        try directory.synchronize()
    }

    func write(_ bytes: [UInt8]) throws(TurnoutError) {
        var position = 0
        while position < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Foundation.write(number, buffer.baseAddress?.advanced(by: position), buffer.count - position)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("write", "artifact") }
            position += count
        }
    }

    /// - Returns: at most `count` bytes; none at the end.
    func read(_ count: Int) throws(TurnoutError) -> [UInt8] {
        while true {
            var result = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
                result = Foundation.read(number, buffer.baseAddress, count)
                initializedCount = max(0, result)
            }
            if result < 0, errno == EINTR { continue }
            guard result >= 0 else { throw Self.failure("read", "artifact") }
            return bytes
        }
    }

    func rewind() throws(TurnoutError) {
        guard lseek(number, 0, SEEK_SET) == 0 else { throw Self.failure("lseek", "artifact") }
    }

    func synchronize() throws(TurnoutError) {
        guard fsync(number) == 0 else { throw Self.failure("fsync", "artifact") }
    }

    func close() { _ = Foundation.close(number) }

    private static func failure(_ call: String, _ path: String) -> TurnoutError {
        let reason = String(cString: strerror(errno))
        return TurnoutError(.unavailable, "The artifact store failed: \(reason).", context: "\(call) \(path)")
    }
}
