import Foundation
import Glibc
import Synchronization
import TestSupport

/// Stands between one server and PostgreSQL: takes TCP connections, passes them on to PostgreSQL's socket, and cuts,
/// holds or kills where it is told to.
///
/// Plain threads and blocking sockets, two threads a connection. All functions may be called from any thread.
final class DatabaseRelay: Sendable {
    private struct State {
        var connections: [Int: RelayConnection] = [:]
        var nextNumber = 1
        var trap: RelayTrap?
        var isFrozen = false
        var isStopped = false
    }

    let name: String
    let port: Int
    private let socketPath: String
    private let listener: Int32
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: what its connections are called in a history.
    ///   - socketPath: PostgreSQL's.
    init(name: String, socketPath: String) throws {
        self.name = name
        self.socketPath = socketPath
        port = try LoopbackPort.reserve()
        listener = try RelaySocket.listen(port: port)
        Thread.detachNewThread { [self] in accept() }
    }

    /// For a server that shall reach PostgreSQL through this relay.
    func url(user: String, database: String) -> String {
        "postgresql://\(user)@127.0.0.1:\(port)/\(database)?sslmode=disable&gssencmode=disable"
    }

    var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Cuts every connection.
    /// - Returns: how many there were.
    @discardableResult
    func cutAll() -> Int {
        state.withLock { state in
            for connection in state.connections.values { connection.cut() }
            return state.connections.count
        }
    }

    /// Sets a trap in place of the one that may be set already; `nil` takes it away.
    func set(_ trap: RelayTrap?) { state.withLock { $0.trap = trap } }

    /// Lets everything pass that was held.
    func thaw() { state.withLock { $0.isFrozen = false } }

    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.isFrozen = false
            shutdown(listener, Int32(SHUT_RDWR))
        }
        cutAll()
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0, !state.withLock(\.isStopped) else { break }
            guard let server = RelaySocket.connect(path: socketPath) else {
                close(client)
                continue
            }
            let connection = state.withLock { state in
                let connection = RelayConnection(client: client, server: server, number: state.nextNumber, relay: self)
                state.connections[connection.number] = connection
                state.nextNumber += 1
                return connection
            }
            connection.start()
        }
        close(listener)
    }

    func forget(_ connection: RelayConnection) {
        state.withLock { state in
            connection.close()
            state.connections[connection.number] = nil
        }
    }

    /// What is to become of a statement that a connection is about to pass on; freezes the relay itself.
    func action(for statement: RelayedStatement, from connection: String) -> RelayTrap.Action? {
        state.withLock { state in
            guard let trap = state.trap, trap.springs(on: statement, from: connection) else { return nil }
            state.trap = nil
            if trap.action == .freeze { state.isFrozen = true }
            return trap.action
        }
    }

    /// Returns once things may pass.
    func waitUntilThawed() {
        while state.withLock(\.isFrozen) { usleep(2000) }
    }
}
