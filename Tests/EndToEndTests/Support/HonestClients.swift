import Foundation
import Synchronization
import TestSupport

/// Clients that keep to the rules of HTTP, each on a thread of its own, without pause: a connection is used until an
/// answer says `connection: close`, and nothing is ever sent twice. Whatever is refused, cut or no 200 is a failure.
final class HonestClients: Sendable {
    enum Kind: Sendable {
        /// A connection for each request.
        case short
        /// One connection, and another after it was told to close.
        case kept
        /// One connection, until it is told to close.
        case once
    }

    private struct State {
        var answered = 0
        var closed = 0
        var failures: [String] = []
        var running = 0
        var isStopping = false
    }

    private let state = Mutex(State())
    private let port: Int

    init(port: Int, _ kinds: [Kind]) {
        self.port = port
        state.withLock { $0.running = kinds.count }
        for (index, kind) in kinds.enumerated() {
            Thread { self.run(kind, user: "user-\(index)") }.start()
        }
    }

    var answered: Int { state.withLock { $0.answered } }
    /// Connections that an answer ended.
    var closed: Int { state.withLock { $0.closed } }
    var failures: [String] { state.withLock { $0.failures } }
    var running: Int { state.withLock { $0.running } }

    /// Lets every request in flight finish.
    func stop() async throws {
        state.withLock { $0.isStopping = true }
        try await eventually(deadline: .seconds(60), "the end of all clients") { running == 0 }
    }

    private func run(_ kind: Kind, user: String) {
        defer { state.withLock { $0.running -= 1 } }
        var connection: ScoringConnection?
        while !state.withLock({ $0.isStopping }) {
            do {
                let current = try connection ?? ScoringConnection(port: port)
                let answer = try current.score(path: "/fraud/score", headers: ["x-user-id": user])
                let closes = answer.headers["connection"] == "close"
                state.withLock { state in
                    state.answered += 1
                    if closes { state.closed += 1 }
                    if answer.status != 200 { state.failures.append("\(kind): \(answer)") }
                }
                if closes, kind == .once { return }
                connection = closes || kind == .short ? nil : current
            } catch {
                state.withLock { $0.failures.append("\(kind): \(error)") }
                return
            }
        }
    }
}
