import Foundation
import Glibc
import Synchronization

/// One connection through a relay: a thread a direction.
final class RelayConnection: Sendable {
    let number: Int
    private let client: Int32
    private let server: Int32
    private let relay: DatabaseRelay
    /// The backend's process; 0 until PostgreSQL says it.
    private let backend = Atomic<pid_t>(0)
    private let openDirections = Atomic<Int>(2)

    init(client: Int32, server: Int32, number: Int, relay: DatabaseRelay) {
        self.client = client
        self.server = server
        self.number = number
        self.relay = relay
    }

    func start() {
        Thread.detachNewThread { [self] in
            passStatements()
            end()
        }
        Thread.detachNewThread { [self] in
            passAnswers()
            end()
        }
    }

    /// Ends both directions. Only while the relay knows the connection, so that its descriptors are its own.
    func cut() {
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
    }

    func close() {
        Glibc.close(client)
        Glibc.close(server)
    }

    private func end() {
        cut()
        if openDirections.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { relay.forget(self) }
    }

    private func passStatements() {
        var messages = ProtocolMessageReader(fromClient: true)
        var statements = StatementReader()
        while true {
            let bytes = RelaySocket.receive(client)
            guard !bytes.isEmpty else { return }
            messages.append(bytes)
            while let message = messages.next() {
                relay.waitUntilThawed()
                let action = statements.statement(message).flatMap { relay.action(for: $0, from: name) }
                if action == .cutBefore { return }
                if action == .freeze { relay.waitUntilThawed() }
                guard RelaySocket.send(server, message.bytes) else { return }
                if action == .killBackend { killBackend() }
                if action == .cutAfter { return }
            }
        }
    }

    private func killBackend() {
        let process = backend.load(ordering: .acquiring)
        if process > 0 { kill(process, SIGKILL) }
    }

    private func passAnswers() {
        var messages: ProtocolMessageReader? = ProtocolMessageReader(fromClient: false)
        while true {
            let bytes = RelaySocket.receive(server)
            guard !bytes.isEmpty else { return }
            messages?.append(bytes)
            while let message = messages?.next() {
                // BackendKeyData: the process, then its secret.
                guard message.type == UInt8(ascii: "K") else { continue }
                backend.store(
                    pid_t(ProtocolMessageReader.integer(message.bytes[5..<9])), ordering: .releasing)
                messages = nil
            }
            relay.waitUntilThawed()
            guard RelaySocket.send(client, bytes) else { return }
        }
    }

    private var name: String { "\(relay.name), backend \(backend.load(ordering: .acquiring))" }
}
