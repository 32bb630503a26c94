import CEventLoop
import Glibc

/// The address of a Unix socket in the kernel's form.
struct UnixAddress {
    private var storage = sockaddr_un()
    private let length: socklen_t

    /// - Parameter path: a file's, or an abstract name behind `@`, as systemd writes it; at most 107 bytes.
    init(path: String) throws(UnixSocketError) {
        var bytes = Array(path.utf8)
        guard (1...107).contains(bytes.count) else {
            throw UnixSocketError(.system, "'\(path)' is too long for a socket's address")
        }
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        storage.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &storage.sun_path) { unsafe $0.copyBytes(from: bytes) }
        // An abstract name ends where its length says, a path at its zero.
        length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (bytes.first == 0 ? 0 : 1))
    }

    /// Calls `body` with the address, valid during the call only.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
        }
    }
}

/// A message to a process of this machine that expects no connection.
package enum UnixDatagram {
    /// Sends a text in one datagram.
    ///
    /// - Parameter path: a socket's file, or an abstract name behind `@`.
    package static func send(_ text: String, to path: String) throws(UnixSocketError) {
        let address = try UnixAddress(path: path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw UnixSocketError("socket", error: errno) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        let sent = unsafe bytes.withUnsafeBytes { buffer in
            unsafe address.withSocketAddress { address, length in
                unsafe sendto(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL), address, length)
            }
        }
        guard sent == bytes.count else { throw UnixSocketError("sendto \(path)", error: errno) }
    }
}
