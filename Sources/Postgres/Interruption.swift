internal import Synchronization

/// Lets any thread interrupt the wait of a connection's own thread: one statement (its task was cancelled), or for good
/// (the pool shuts down).
final class Interruption: Sendable {
    private struct State {
        var current: UInt64 = 0
        var isRunning = false
        var isAbandoned = false
    }

    private let state = Mutex(State())
    private let event: EventSignal

    init() throws(PostgresError) { event = try EventSignal(nonblocking: true) }

    /// For `poll`: readable once interrupted.
    var descriptor: Int32 { event.descriptor }

    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    /// Starts a statement. The ticket keeps a cancellation that comes late from hitting the statement after it.
    func begin() -> UInt64 {
        state.withLock { state in
            if !state.isAbandoned { event.clear() }
            state.current += 1
            state.isRunning = true
            return state.current
        }
    }

    func end() { state.withLock { $0.isRunning = false } }

    func interrupt(_ ticket: UInt64) {
        state.withLock { state in
            if state.isRunning && state.current == ticket { event.signal() }
        }
    }

    /// Called by the waiting thread once it has seen the interruption.
    func acknowledge() {
        state.withLock { state in
            if !state.isAbandoned { event.clear() }
        }
    }

    func abandon() {
        state.withLock { state in
            state.isAbandoned = true
            event.signal()
        }
    }
}
