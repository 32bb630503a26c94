internal import CLibPQ
internal import Glibc

/// An eventfd: signalled from any thread, waited for with `read` or `poll`.
final class EventSignal: Sendable {
    let descriptor: Int32

    /// - Parameter nonblocking: whether `clear` returns at once when nothing was signalled, rather than wait for it.
    init(nonblocking: Bool) throws(PostgresError) {
        descriptor = turnout_eventfd(nonblocking ? 1 : 0)
        guard descriptor >= 0 else { throw PostgresError(.connectFailed, "eventfd: errno \(errno)") }
    }

    deinit { close(descriptor) }

    func signal() {
        // Fails only when the counter is full, and then the signal stands anyway.
        _ = eventfd_write(descriptor, 1)
    }

    /// Takes the signals back; waits for one first when the descriptor blocks.
    func clear() {
        var count: eventfd_t = 0
        while eventfd_read(descriptor, &count) != 0, errno == EINTR {}
    }
}
