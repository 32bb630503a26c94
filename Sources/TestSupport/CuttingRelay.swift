import Glibc
import Synchronization

/// A TCP relay on loopback that loses answers: it carries a request to the server, waits until the answer begins, so that
/// the work is done, and then resets the client's connection instead. After as many cuts as asked for it relays faithfully.
///
/// Plain threads and blocking sockets. All functions may be called from any thread.
package final class CuttingRelay: Sendable {
    package let port: UInt16
    private let upstreamPort: UInt16
    private let listener: Int32
    private let left: Mutex<Int>
    private let cuts = Mutex(0)

    /// How many answers were lost.
    package var cutCount: Int { cuts.withLock { $0 } }

    /// - Parameters:
    ///   - upstreamPort: of the server, on 127.0.0.1.
    ///   - cuts: how many answers get lost before the relay is a good one.
    package init(to upstreamPort: UInt16, cuts: Int) throws {
        (listener, port) = try StubScorerSocket.listen(port: 0)
        self.upstreamPort = upstreamPort
        left = Mutex(cuts)
        let listener = listener
        StubScorerSocket.spawn { [weak self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let self else {
                    close(client)
                    return
                }
                StubScorerSocket.spawn { self.carry(client) }
            }
        }
    }

    /// Refuses new connections from now on.
    package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func carry(_ client: Int32) {
        let upstream = connectUpstream()
        defer { close(client) }
        guard upstream >= 0 else { return }
        StubScorerSocket.spawn {
            while true {
                let bytes = StubScorerSocket.receive(client)
                guard !bytes.isEmpty, StubScorerSocket.send(upstream, bytes) else { break }
            }
            shutdown(upstream, Int32(SHUT_WR))
        }
        while true {
            let bytes = StubScorerSocket.receive(upstream)
            guard !bytes.isEmpty else { break }
            if takeCut() {
                StubScorerSocket.resetOnClose(client)
                break
            }
            guard StubScorerSocket.send(client, bytes) else { break }
        }
        // Ends the other direction, whose thread reads from it.
        shutdown(client, Int32(SHUT_RDWR))
        close(upstream)
    }

    private func takeCut() -> Bool {
        let cuts = left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
        if cuts { self.cuts.withLock { $0 += 1 } }
        return cuts
    }

    private func connectUpstream() -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = upstreamPort.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else {
            close(descriptor)
            return -1
        }
        return descriptor
    }
}
