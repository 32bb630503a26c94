import Glibc

extension TableFile {
    /// Tables are far smaller; a larger file is not ours, and reading it whole would cost the proxy its memory.
    static let maximumLength = 1 << 30

    /// - Returns: `nil` when there is no such file.
    static func read(_ path: String) throws(TableFileError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("fstat", path) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumLength else {
            throw TableFileError(.fileSystem, "\(path) is not a file of at most \(maximumLength) bytes")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { break }
            filled += count
        }
        return Array(bytes[..<filled])
    }

    /// Writes and syncs a file of its own; what a crashed attempt left there is overwritten.
    static func write(_ bytes: [UInt8], to path: String) throws(TableFileError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open", path) }
        defer { close(descriptor) }
        guard writeAll(bytes, to: descriptor, at: 0) else { throw discarding(path, "write") }
        guard fsync(descriptor) == 0 else { throw discarding(path, "fsync") }
    }

    /// Writes and syncs bytes behind the file's first `length`.
    ///
    /// - Returns: false when the file is not that long: it is not the one that was meant, and untouched.
    static func append(_ bytes: [UInt8], to path: String, at length: Int) throws(TableFileError) -> Bool {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return false }
            throw failure("open", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure("fstat", path) }
        guard status.st_size == length else { return false }
        guard writeAll(bytes, to: descriptor, at: length), fdatasync(descriptor) == 0 else {
            let failure = failure("write", path)
            _ = ftruncate(descriptor, length)
            throw failure
        }
        return true
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, at offset: Int) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written, offset + written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// A rename survives a power cut only once its directory is on disk.
    static func syncDirectory(of path: String) throws(TableFileError) {
        let directory: String
        if let slash = path.lastIndex(of: "/") {
            directory = slash == path.startIndex ? "/" : String(path[..<slash])
        } else {
            directory = "."
        }
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("fsync", directory) }
    }

    static func failure(_ call: String, _ path: String) -> TableFileError {
        let reason = unsafe String(cString: strerror(errno))
        return TableFileError(.fileSystem, "\(call) \(path): \(reason)")
    }

    private static func discarding(_ path: String, _ call: String) -> TableFileError {
        let failure = failure(call, path)
        unsafe unlink(path)
        return failure
    }
}
