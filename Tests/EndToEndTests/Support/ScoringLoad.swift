import Dispatch
import Foundation
import Resources
import Synchronization
import TestSupport

/// Clients that score without pause, each on a thread and a connection of its own, and write down every answer.
final class ScoringLoad: Sendable {
    struct Observation: Sendable {
        let user: String
        /// What `floor` said when the request was sent.
        let floor: Int
        let sent: Timestamp
        let answered: Timestamp
        let answer: ScoringConnection.Answer
    }

    private struct State {
        var observations: [Observation] = []
        var failures: [String] = []
        var running = 0
        var stopping = false
    }

    private let state = Mutex(State())
    /// The generation that every live proxy is known to serve: no later answer may come from an older one.
    let floor = Atomic<Int>(0)

    private let port: Int
    private let path: String
    private let clients: Int
    private let users: Int

    /// How many requests may still be sent; absent: as many as the clients can.
    private let allowance: DispatchSemaphore?

    /// - Parameter isPaced: the clients send only what `allow` lets them, so that they leave the processors to others.
    init(port: Int, path: String, clients: Int, users: Int, isPaced: Bool = false) {
        allowance = isPaced ? DispatchSemaphore(value: 0) : nil
        self.port = port
        self.path = path
        self.clients = clients
        self.users = users
    }

    func start() {
        state.withLock { $0.running = clients }
        for client in 0..<clients {
            Thread { self.run(client: client) }.start()
        }
    }

    func allow(_ requests: Int) {
        for _ in 0..<requests { allowance?.signal() }
    }

    var count: Int { state.withLock { $0.observations.count } }
    var failures: [String] { state.withLock { $0.failures } }

    /// Lets every request in flight finish.
    func stop() async throws -> [Observation] {
        state.withLock { $0.stopping = true }
        allow(clients)
        try await eventually(deadline: .seconds(30), "the end of all clients") { state.withLock { $0.running == 0 } }
        return state.withLock { $0.observations }
    }

    private static var now: Timestamp {
        Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
    }

    private func run(client: Int) {
        defer { state.withLock { $0.running -= 1 } }
        do {
            let connection = try ScoringConnection(port: port)
            var next = client * 7919
            while true {
                allowance?.wait()
                if state.withLock({ $0.stopping }) { return }
                let user = "user-\(next % users)"
                next += 1
                let floor = floor.load(ordering: .acquiring)
                let sent = Self.now
                let answer = try connection.score(path: path, headers: ["x-user-id": user])
                let observation = Observation(user: user, floor: floor, sent: sent, answered: Self.now, answer: answer)
                state.withLock { $0.observations.append(observation) }
            }
        } catch {
            state.withLock { $0.failures.append("client \(client): \(error)") }
        }
    }
}
