import Glibc
import Resources

/// A file that lines are added to, and that others may rename, remove or empty at any time. Used by one thread.
struct AccessLogFile {
    /// What became of some lines.
    struct Written: Equatable {
        var lines = 0
        var lost = 0
        /// Why some were lost.
        var error: Int32 = 0
    }

    private static let mostAtOnce = 65_536
    /// As much as a pipe takes at once when it says that it takes anything.
    private static let mostIntoPipe = 4096
    private static let patienceMilliseconds: Int32 = 100

    private let path: String
    private var descriptor: Int32
    private var isRegular: Bool
    /// The last line was not written to its end.
    private var isBroken = false

    var isStandardOutput: Bool { path == "-" }

    /// - Throws: `TurnoutError` with code `invalid` when the file can't be opened.
    init(path: String) throws(TurnoutError) {
        self.path = path
        guard path != "-" else {
            (descriptor, isRegular) = (STDOUT_FILENO, false)
            return
        }
        descriptor = Self.open(path)
        guard descriptor >= 0 else {
            throw TurnoutError(.invalid, "The access log '\(path)' can't be written: \(Self.reason(errno)).")
        }
        isRegular = Self.status(of: descriptor).map { $0.st_mode & S_IFMT == S_IFREG } ?? false
    }

    func close() {
        if !isStandardOutput { _ = Glibc.close(descriptor) }
    }

    static func reason(_ error: Int32) -> String { unsafe String(cString: strerror(error)) }

    /// Not to wait for a reader where the path names a pipe.
    private static func open(_ path: String) -> Int32 {
        unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o640)
    }

    private static func status(of descriptor: Int32) -> stat? {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? status : nil
    }

    // MARK: Rotation

    /// Goes on in a new file when the path no longer leads to the one that is written.
    ///
    /// - Returns: why there is no new one, so that the old one is still written; 0 when all is well.
    mutating func followPath() -> Int32 {
        guard isRegular else { return 0 }
        var there = stat()
        if unsafe stat(path, &there) == 0, let here = Self.status(of: descriptor), there.st_ino == here.st_ino,
            there.st_dev == here.st_dev
        {
            return 0
        }
        let fresh = Self.open(path)
        guard fresh >= 0 else { return errno }
        _ = Glibc.close(descriptor)
        descriptor = fresh
        isRegular = Self.status(of: fresh).map { $0.st_mode & S_IFMT == S_IFREG } ?? false
        isBroken = false
        return 0
    }

    // MARK: Writing

    /// Writes lines, each with its end, as far as that is possible without waiting for long.
    mutating func write(_ lines: [UInt8]) -> Written {
        var written = Written()
        // What was cut short must not become the beginning of the next line.
        if isBroken, put([0x0a]).error == 0 { isBroken = false }
        let (count, error) = isBroken ? (0, EIO) : put(lines)
        written.error = error
        written.lines = lines[..<count].count { $0 == 0x0a }
        written.lost = lines[count...].count { $0 == 0x0a }
        if count > 0, lines[count - 1] != 0x0a { isBroken = true }
        return written
    }

    /// - Returns: how many bytes were taken, and why not more.
    private func put(_ bytes: [UInt8]) -> (count: Int, error: Int32) {
        var count = 0
        while count < bytes.count {
            var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard unsafe isRegular || poll(&watched, 1, Self.patienceMilliseconds) > 0 else { return (count, EAGAIN) }
            let most = min(bytes.count - count, isRegular ? Self.mostAtOnce : Self.mostIntoPipe)
            let result = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: count), most)
            }
            if result > 0 {
                count += result
            } else if result == 0 || errno != EINTR {
                return (count, result == 0 ? EIO : errno)
            }
        }
        return (count, 0)
    }
}
