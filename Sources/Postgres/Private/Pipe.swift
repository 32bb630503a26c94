internal import CLibPQ
internal import Glibc

/// A pipe whose ends are closed with it, and which no child inherits by accident.
final class Pipe {
    let readEnd: Int32
    private(set) var writeEnd: Int32

    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard turnout_pipe(&ends, O_CLOEXEC) == 0 else { throw PostgresError(.privateServer, "pipe: errno \(errno)") }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        closeWriteEnd()
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(writeEnd, bytes, bytes.count)
    }

    /// The next bytes; `nil` at the end, or when the deadline passes.
    func read(deadline: ContinuousClock.Instant) -> [UInt8]? {
        guard isReadable(deadline: deadline) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(readEnd, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// Waits until there is something to read or every writer is gone.
    func isReadable(deadline: ContinuousClock.Instant) -> Bool {
        while true {
            var descriptor = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
            let count = poll(&descriptor, 1, Int32(clamping: max(0, (deadline - .now).milliseconds)))
            if count < 0 && errno == EINTR { continue }
            return count > 0
        }
    }
}
