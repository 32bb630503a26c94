import CEventLoop
import Glibc
import Resources

/// Listeners that share a port, at least one for each loop: the kernel deals new connections out among them.
enum ListeningSocket {
    /// Connections that may wait to be accepted, for each listener.
    static let backlog = 4096

    /// Deals listeners out to threads, and opens those that are missing.
    ///
    /// - Parameter inherited: of the process that had the port before. Every one is given to a thread, since closing a
    ///   listener resets what waits there.
    /// - Returns: for each thread at least one, all on the same port, and that port.
    /// - Throws: `TurnoutError` with code `invalid` for a bad address, `unavailable` when it can't be bound; those that
    ///   were opened, and the inherited ones, are closed then.
    static func open(
        _ configuration: ProxyConfiguration, inherited: [Int32]
    ) throws(TurnoutError) -> (descriptors: [[Int32]], port: UInt16) {
        var port = inherited.first.map(boundPort) ?? configuration.port
        var descriptors: [[Int32]] = (0..<configuration.threads).map { thread in
            stride(from: thread, to: inherited.count, by: configuration.threads).map { inherited[$0] }
        }
        do {
            for thread in descriptors.indices where descriptors[thread].isEmpty {
                let descriptor = try open(host: configuration.host, port: port)
                descriptors[thread].append(descriptor)
                if port == 0 { port = boundPort(descriptor) }
            }
        } catch {
            for descriptor in descriptors.joined() { close(descriptor) }
            throw error
        }
        return (descriptors, port)
    }

    private static func open(host: String, port: UInt16) throws(TurnoutError) -> Int32 {
        guard let address = SocketAddress(literal: host, port: port) else {
            throw TurnoutError(.invalid, "'\(host)' is not an IPv4 or IPv6 address to listen on.")
        }
        let descriptor = turnout_socket(address.family)
        guard descriptor >= 0 else { throw unavailable(host, port, errno: -descriptor) }
        _ = turnout_set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        _ = turnout_set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)
        let failure = unsafe address.withSocketAddress { pointer, length in
            unsafe bind(descriptor, pointer, length) == 0 && listen(descriptor, Int32(backlog)) == 0 ? 0 : errno
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

    private static func boundPort(_ descriptor: Int32) -> UInt16 { SocketAddress(localEndOf: descriptor)?.port ?? 0 }
}
