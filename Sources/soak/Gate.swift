import Synchronization

/// Keeps clients out between two rounds, and knows when none is inside.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var inside = 0
    }

    private static let look = Duration.milliseconds(5)
    private let state = Mutex(State())

    func open() { state.withLock { $0.isOpen = true } }
    func close() { state.withLock { $0.isOpen = false } }

    /// Runs `body` once the gate is open.
    func pass(_ body: () async throws -> Void) async throws {
        while !enter() { try await Task.sleep(for: Self.look) }
        defer { state.withLock { $0.inside -= 1 } }
        try await body()
    }

    var isEmpty: Bool { state.withLock { $0.inside == 0 } }

    private func enter() -> Bool {
        state.withLock { state in
            if state.isOpen { state.inside += 1 }
            return state.isOpen
        }
    }
}
