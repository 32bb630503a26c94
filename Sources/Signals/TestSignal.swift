internal import Synchronization

/// Lets a test wait until the code under test has done something, instead of sleeping and hoping.
///
/// Production code calls `emit`, which costs a lock when nobody waits.
package final class TestSignal<Event: Sendable>: Sendable {
    private struct State {
        var waiters: [AsyncStream<Event>.Continuation] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func emit(_ event: Event) {
        let waiters = state.withLock { $0.waiters }
        for waiter in waiters { waiter.yield(event) }
    }

    /// Every event from now on, none left out.
    package func events() -> AsyncStream<Event> {
        AsyncStream { continuation in state.withLock { $0.waiters.append(continuation) } }
    }
}
