import CEventLoop
import Glibc

/// Why the admin port could not be opened.
package struct AdminServerError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    init(_ message: String) { self.message = message }
    package var description: String { message }
}

extension AdminServer {
    static func listen(
        _ address: SocketAddress
    ) throws(AdminServerError) -> (descriptor: Int32, port: UInt16) {
        let descriptor = turnout_socket(address.family)
        guard descriptor >= 0 else { throw failure("open a socket for", address, error: -descriptor) }
        _ = turnout_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        let isBound = unsafe address.withSocketAddress { unsafe bind(descriptor, $0, $1) } == 0
        guard isBound, Glibc.listen(descriptor, 64) == 0, let actual = boundPort(descriptor) else {
            let failure = failure("listen on", address, error: errno)
            close(descriptor)
            throw failure
        }
        return (descriptor, actual)
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        } == 0 ? portNumber(storage) : nil
    }

    private static func portNumber(_ storage: sockaddr_storage) -> UInt16 {
        // The port stands at the same place in both families.
        unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
    }

    private static func failure(_ what: String, _ address: SocketAddress, error: Int32) -> AdminServerError {
        let reason = unsafe String(cString: strerror(error))
        return AdminServerError("can't \(what) \(address) for the admin port: \(reason)")
    }
}
