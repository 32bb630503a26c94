import CEventLoop
import Glibc

/// Where other processes of this machine connect: a socket in a directory, for its owner alone.
///
/// The file stays behind when the process ends, since by then another one may listen there.
package final class UnixListener: Sendable {
    /// For handing the listener to another process: it stays this one's.
    package let descriptor: Int32
    private let waker: Waker
    private let isStopping = Mailbox(false)

    /// Listens in a directory, in place of whatever was left there.
    package convenience init(directory: String, name: String) throws(UnixSocketError) {
        let descriptor = turnout_socket(AF_UNIX)
        guard descriptor >= 0 else { throw UnixSocketError("socket", error: -descriptor) }
        unsafe unlink("\(directory)/\(name)")
        // Before the file is there, so that it never has other permissions.
        let failure = try Self.withAddress(directory: directory, name: name) { address in
            guard fchmod(descriptor, 0o600) == 0,
                unsafe address.withSocketAddress({ unsafe bind(descriptor, $0, $1) }) == 0,
                listen(descriptor, 16) == 0
            else { return errno }
            return 0
        }
        guard failure == 0 else {
            close(descriptor)
            throw UnixSocketError("listen at \(directory)/\(name)", error: failure)
        }
        try self.init(inheriting: descriptor)
    }

    /// Goes on where another process listened.
    package init(inheriting descriptor: Int32) throws(UnixSocketError) {
        guard let waker = Waker() else {
            close(descriptor)
            throw UnixSocketError("eventfd", error: EMFILE)
        }
        self.descriptor = descriptor
        self.waker = waker
    }

    deinit { close(descriptor) }

    /// Waits for the next connection; `nil` once stopped.
    package func accept() throws(UnixSocketError) -> UnixChannel? {
        while !isStopping.withLock({ $0 }) {
            var watched = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let ready = unsafe poll(&watched, nfds_t(watched.count), -1)
            if ready < 0, errno != EINTR { throw UnixSocketError("poll", error: errno) }
            guard watched[0].revents != 0 else { continue }
            let accepted = accept4(descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            if accepted >= 0 { return UnixChannel(descriptor: accepted) }
            // Another process that listens here was faster, or the client is gone.
            guard [EAGAIN, EINTR, ECONNABORTED].contains(errno) else { throw UnixSocketError("accept", error: errno) }
        }
        return nil
    }

    /// Ends `accept`, now and later; connections that wait are left to whoever else listens.
    package func stop() {
        isStopping.change { $0 = true }
        waker.poke()
    }

    /// Calls `body` with the address of a file in a directory, however long the directory's path is.
    ///
    /// - Returns: what `body` does, or the errno with which the directory can't be opened.
    static func withAddress(
        directory: String, name: String, _ body: (UnixAddress) -> Int32
    ) throws(UnixSocketError) -> Int32 {
        let opened = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return errno }
        defer { close(opened) }
        return body(try UnixAddress(path: "/proc/self/fd/\(opened)/\(name)"))
    }
}
