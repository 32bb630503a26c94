import CEventLoop
import Glibc
package import Logging

/// A proxy's admin port: metrics, health and the table that is served, over HTTP/1.1, for people and scrapers.
///
/// One thread of its own, one answer a connection, at most 32 connections at a time: beyond that one that has said
/// nothing is cut for the next, or the next waits. It shares nothing with the event loops but what its handler reads.
package final class AdminServer: Sendable {
    /// Called on the server's thread.
    package typealias Handler = @Sendable (_ method: String, _ path: String) -> AdminResponse

    private static let connectionLimit = 32

    /// Where it listens; the port is the system's choice when 0 was asked for.
    package let address: SocketAddress
    /// For handing it to another process: it stays this one's.
    package let listener: Int32
    private let waker: Waker
    private let handler: Handler
    private let logger: Logger
    private let thread = Mailbox<OffPathThread.Handle?>(nil)
    private let ending = Mailbox(Ending.none)

    private enum Ending {
        case none
        /// Another process accepts; what is open is answered.
        case handedOver
        case stopped
    }

    /// Binds the address; nothing is answered until `start()`.
    ///
    /// - Parameter inherited: another process's listener, in place of one of this server's own; it is closed with it.
    /// - Throws: `AdminServerError`, saying which address could not be had and why.
    package init(
        address: SocketAddress, inheriting inherited: Int32? = nil, logger: Logger, handler: @escaping Handler
    ) throws(AdminServerError) {
        guard let waker = Waker() else { throw AdminServerError("no descriptor left for the admin port") }
        let bound: (descriptor: Int32, port: UInt16)
        if let inherited {
            bound = (inherited, SocketAddress(localEndOf: inherited)?.port ?? address.port)
        } else {
            bound = try Self.listen(address)
        }
        self.waker = waker
        listener = bound.descriptor
        self.address = address.with(port: bound.port)
        self.handler = handler
        self.logger = logger
    }

    deinit { close(listener) }

    /// - Throws: `AdminServerError` when the system gives no thread. Call it once.
    package func start() throws(AdminServerError) {
        guard let handle = OffPathThread.start("turnout-admin", { [self] in run() }) else {
            throw AdminServerError("no thread left for the admin port")
        }
        thread.change { $0 = handle }
    }

    /// Cuts what is open and returns once the thread has ended. Safe to call more than once.
    package func stop() {
        ending.change { $0 = .stopped }
        waker.poke()
        let handle = thread.withLock { handle in
            defer { handle = nil }
            return handle
        }
        handle?.join()
    }

    /// Leaves new connections to another process that has the listener; answers what is open, and ends then.
    package func handOver() {
        ending.change { if $0 == .none { $0 = .handedOver } }
        waker.poke()
    }

    private func run() {
        var connections: [AdminConnection] = []
        defer { for connection in connections { close(connection.descriptor) } }
        while case let ending = ending.withLock({ $0 }), ending != .stopped {
            if ending == .handedOver, connections.isEmpty { return }
            let hasPlace = connections.count < Self.connectionLimit || connections.contains(where: \.isSilent)
            let canAccept = hasPlace && ending == .none
            var watched = connections.map { pollfd(fd: $0.descriptor, events: $0.awaitedEvents, revents: 0) }
            watched.append(pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0))
            if canAccept { watched.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
            let next = connections.map(\.deadline).min() ?? .distantFuture
            let ready = unsafe poll(&watched, nfds_t(watched.count), next.pollTimeout(from: .now()))
            if ready < 0, errno != EINTR {
                logger.error("the admin port stopped", metadata: ["errno": "\(errno)"])
                return
            }
            waker.drain()
            let now = MonotonicTime.now()
            var kept: [AdminConnection] = []
            for (index, connection) in connections.enumerated() {
                if let goesOn = advance(connection, watched[index].revents, now) { kept.append(goesOn) }
            }
            connections = kept
            if canAccept, watched.last?.revents != 0 { accept(into: &connections, now) }
        }
    }

    /// - Returns: `nil` when the connection is over, and closed.
    private func advance(_ connection: AdminConnection, _ events: Int16, _ now: MonotonicTime) -> AdminConnection? {
        var connection = connection
        var isOver = false
        if events != 0 {
            let progress = connection.advance { request in handler(request.method, request.path) }
            if case .isOver = progress { isOver = true }
        }
        // Looked at last: whoever waited while another's page was made has what it waited for now.
        guard isOver || connection.deadline <= now else { return connection }
        close(connection.descriptor)
        return nil
    }

    private func accept(into connections: inout [AdminConnection], _ now: MonotonicTime) {
        while true {
            if connections.count >= Self.connectionLimit {
                guard let oldest = connections.firstIndex(where: \.isSilent) else { return }
                close(connections.remove(at: oldest).descriptor)
            }
            let descriptor = turnout_accept(listener)
            guard descriptor >= 0 else {
                // Out of descriptors: the listener stays readable, and trying at once would spin.
                if descriptor == -EMFILE || descriptor == -ENFILE { usleep(50_000) }
                return
            }
            connections.append(AdminConnection(descriptor: descriptor, now: now))
        }
    }
}
