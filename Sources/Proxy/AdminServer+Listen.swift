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
        guard isBound, Glibc.listen(descriptor, 64) == 0, let actual = SocketAddress(localEndOf: descriptor)?.port
        else {
            let failure = failure("listen on", address, error: errno)
            close(descriptor)
            throw failure
        }
        return (descriptor, actual)
    }

    private static func failure(_ what: String, _ address: SocketAddress, error: Int32) -> AdminServerError {
        let reason = unsafe String(cString: strerror(error))
        return AdminServerError("can't \(what) \(address) for the admin port: \(reason)")
    }
}
