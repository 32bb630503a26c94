import CEventLoop
import Glibc
import Resources

/// Listeners that share a port, one for each loop: the kernel deals new connections out among them.
enum ListeningSocket {
    /// - Returns: one descriptor a thread, all on the same port, and that port.
    /// - Throws: `TurnoutError` with code `invalid` for a bad address, `unavailable` when it can't be bound.
    static func open(_ configuration: ProxyConfiguration) throws(TurnoutError) -> (descriptors: [Int32], port: UInt16) {
        var port = configuration.port
        var descriptors: [Int32] = []
        for _ in 0..<configuration.threads {
            do {
                let descriptor = try open(host: configuration.host, port: port)
                descriptors.append(descriptor)
                if port == 0 { port = boundPort(descriptor) }
            } catch {
                for descriptor in descriptors { close(descriptor) }
                throw error
            }
        }
        return (descriptors, port)
    }

    private static func open(host: String, port: UInt16) throws(TurnoutError) -> Int32 {
        guard let address = SocketAddress(literal: host, port: port) else {
            throw TurnoutError(.invalid, "'\(host)' is not an IPv4 or IPv6 address to listen on.")
        }
        let descriptor = turnout_socket(address.isIPv6 ? AF_INET6 : AF_INET)
        guard descriptor >= 0 else { throw unavailable(host, port, errno: -descriptor) }
        _ = turnout_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        _ = turnout_set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
        let failure = unsafe address.withSocketAddress { pointer, length in
            unsafe bind(descriptor, pointer, length) == 0 && listen(descriptor, 4096) == 0 ? 0 : errno
        }
        guard failure == 0 else {
            close(descriptor)
            throw unavailable(host, port, errno: failure)
        }
        return descriptor
    }

    private static func unavailable(_ host: String, _ port: UInt16, errno: Int32) -> TurnoutError {
        let reason = errno == EADDRINUSE ? "the port is in use" : "errno \(errno)"
        return TurnoutError(.unavailable, "The proxy can't listen on \(host):\(port): \(reason).")
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16 {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard unsafe getsockname(descriptor, generic, &length) == 0 else { return 0 }
                return unsafe SocketAddress(UnsafePointer(generic))?.port ?? 0
            }
        }
    }
}
