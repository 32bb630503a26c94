internal import Postgres
internal import Synchronization

/// Lets only so many audited changes have a connection at a time; the others wait here, in the order of their coming.
///
/// They would wait for the lock on the audit chain anyway, each with a connection in its hand that reads then miss.
final class WriterQueue: Sendable {
    private struct Waiter {
        let id: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        var nextID: UInt64 = 0
        var waiting: [Waiter] = []

        mutating func remove(_ id: UInt64) -> CheckedContinuation<Void, any Error>? {
            guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return waiting.remove(at: index).continuation
        }
    }

    private let state: Mutex<State>
    private let limit: Int
    private let patience: Duration

    /// - Parameters:
    ///   - places: how many changes may be under way at a time.
    ///   - limit: how many may wait; the next one is refused at once.
    ///   - patience: how long one waits.
    init(places: Int, limit: Int, patience: Duration) {
        state = Mutex(State(free: places))
        self.limit = limit
        self.patience = patience
    }

    /// A quarter of the pool's connections: changes are made one after the other, so more would only wait.
    convenience init(_ configuration: PostgresConfiguration) {
        self.init(
            places: max(1, configuration.maximumConnections / 4), limit: configuration.maximumWaiters,
            patience: configuration.acquireTimeout)
    }

    /// - Throws: `acquireTimedOut`, `CancellationError`, or what `body` throws.
    func run<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await body()
    }

    private func enter() async throws {
        let isIn = state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
        guard !isIn else { return }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            let id = state.withLock { state in
                state.nextID += 1
                return state.nextID
            }
            group.addTask {
                try await self.wait(id)
                return true
            }
            group.addTask {
                try? await Task.sleep(for: self.patience)
                self.giveUp(id, self.busy())
                return false
            }
            defer { group.cancelAll() }
            // What counts is how the wait ended: a place may be handed over in the moment in which the time is up.
            while let isIn = try await group.next(), !isIn {}
        }
    }

    private func wait(_ id: UInt64) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enlist(Waiter(id: id, continuation: continuation))
            }
        } onCancel: {
            giveUp(id, CancellationError())
        }
    }

    /// Looks once more under the lock that adds the waiter: a place may have become free since.
    private func enlist(_ waiter: Waiter) {
        let outcome: Result<Void, any Error>? = state.withLock { state in
            if Task.isCancelled { return .failure(CancellationError()) }
            if state.free > 0 {
                state.free -= 1
                return .success(())
            }
            guard state.waiting.count < limit else { return .failure(busy()) }
            state.waiting.append(waiter)
            return nil
        }
        if let outcome { waiter.continuation.resume(with: outcome) }
    }

    private func giveUp(_ id: UInt64, _ error: any Error) {
        state.withLock { $0.remove(id) }?.resume(throwing: error)
    }

    private func leave() {
        let next = state.withLock { state -> Waiter? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.continuation.resume()
    }

    private func busy() -> PostgresError {
        PostgresError(.acquireTimedOut, "too many changes at once")
    }
}
