import CEventLoop
import Glibc

/// One end of a connection between two processes of one machine: messages, and open descriptors that go along.
///
/// A message is 4 bytes with its length, 4 bytes with the number of descriptors (both big-endian), the message, and the
/// descriptors, 200 of them at a time with a byte of zero. Calls block, each for as long as it says; one thread at a time.
package final class UnixChannel: Sendable {
    private static let lengthLimit = 64 << 10
    private static let descriptorLimit = 4096

    private let descriptor: Int32

    /// Takes over a connected socket.
    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Connects to whoever listens in a directory.
    ///
    /// - Throws: `UnixSocketError` with code `nobodyThere` when nobody does.
    package init(directory: String, name: String) throws(UnixSocketError) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw UnixSocketError("socket", error: errno) }
        let descriptor = descriptor
        let failure = try UnixListener.withAddress(directory: directory, name: name) { address in
            unsafe address.withSocketAddress { unsafe connect(descriptor, $0, $1) } == 0 ? 0 : errno
        }
        guard failure == 0 else { throw UnixSocketError("connect to \(directory)/\(name)", error: failure) }
    }

    /// Who is at the other end; `nil` when the system does not say.
    package var peer: (user: UInt32, process: Int32)? {
        var (user, process) = (UInt32(0), Int32(0))
        guard unsafe turnout_peer(descriptor, &user, &process) == 0 else { return nil }
        return (user, process)
    }

    /// Ends both directions, also for a call that waits in another thread.
    package func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// - Parameter descriptors: stay this process's; the other gets its own.
    package func send(
        _ message: [UInt8], descriptors: [Int32] = [], timeout: Duration
    ) throws(UnixSocketError) {
        setTimeout(SO_SNDTIMEO, timeout)
        try write(Self.word(message.count) + Self.word(descriptors.count) + message)
        for start in stride(from: 0, to: descriptors.count, by: Int(TURNOUT_DESCRIPTORS_AT_ONCE)) {
            let part = Array(descriptors[start...].prefix(Int(TURNOUT_DESCRIPTORS_AT_ONCE)))
            let sent = unsafe turnout_send_descriptors(descriptor, part, Int32(part.count))
            guard sent == 1 else { throw UnixSocketError("send", error: -sent) }
        }
    }

    /// - Returns: the next message, and descriptors that are the caller's to close.
    package func receive(timeout: Duration) throws(UnixSocketError) -> (message: [UInt8], descriptors: [Int32]) {
        setTimeout(SO_RCVTIMEO, timeout)
        let header = try read(8)
        let (length, count) = (Self.number(header[..<4]), Self.number(header[4...]))
        guard length <= Self.lengthLimit, count <= Self.descriptorLimit else {
            throw UnixSocketError(.malformed, "what came is no message")
        }
        let message = try read(length)
        return (message, try receiveDescriptors(count))
    }

    private func receiveDescriptors(_ count: Int) throws(UnixSocketError) -> [Int32] {
        var received: [Int32] = []
        var part = [Int32](repeating: -1, count: Int(TURNOUT_DESCRIPTORS_AT_ONCE))
        while received.count < count {
            let more = unsafe turnout_receive_descriptors(descriptor, &part)
            guard more > 0 else {
                for descriptor in received { close(descriptor) }
                if more == 0 { throw UnixSocketError(.closed, "not all descriptors came") }
                throw UnixSocketError("receive", error: -more)
            }
            received += part.prefix(Int(more))
        }
        return received
    }

    private func setTimeout(_ option: Int32, _ timeout: Duration) {
        let (seconds, attoseconds) = timeout.components
        // Zero would be for ever.
        let microseconds = max(1, attoseconds / 1_000_000_000_000)
        var value = timeval(tv_sec: Int(seconds), tv_usec: Int(microseconds))
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<timeval>.size))
    }

    private func write(_ bytes: [UInt8]) throws(UnixSocketError) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw UnixSocketError("send", error: errno) }
            sent += count
        }
    }

    private func read(_ count: Int) throws(UnixSocketError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let received = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe recv(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, 0)
            }
            if received < 0, errno == EINTR { continue }
            guard received != 0 else { throw UnixSocketError(.closed, "the other process is gone") }
            guard received > 0 else { throw UnixSocketError("receive", error: errno) }
            filled += received
        }
        return bytes
    }

    private static func word(_ value: Int) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}
