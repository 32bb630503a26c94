import Foundation

/// A data directory's lock: one proxy at a time has it. The kernel frees it when the last process that has it open is
/// gone, however it ended; it can be handed over like any descriptor, and is held all the while.
final class DataLock: Sendable {
    private static let name = "/proxy.lock"

    let descriptor: Int32

    /// Goes on with a lock that another process took.
    init(inheriting descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// - Returns: `nil` when another process has it.
    /// - Throws: `ConfigurationFault` when the directory can't hold one.
    static func take(_ directory: String) throws(ConfigurationFault) -> DataLock? {
        let descriptor = open(directory + name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw fault(directory) }
        let lock = DataLock(inheriting: descriptor)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw fault(directory) }
        }
        return lock
    }

    private static func fault(_ directory: String) -> ConfigurationFault {
        ConfigurationFault(
            key: "--data (TURNOUT_DATA)",
            message: "'\(directory)\(name)' can't be locked: \(String(cString: strerror(errno)))")
    }

    /// Writes this process's id into the file, for whoever finds the directory taken.
    func sign() {
        let text = Array("\(ProcessInfo.processInfo.processIdentifier)\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    /// The process that signed last; `nil` when none did.
    static func holder(of directory: String) -> Int32? {
        (try? String(contentsOfFile: directory + name, encoding: .utf8))
            .flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
}
