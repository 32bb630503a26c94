internal import Synchronization

/// A value that many watch: each watcher sees the newest, skips what it was too slow for, and never misses the last.
///
/// Setting never blocks on watchers. Any thread may set and read.
package final class LatestValue<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var isFinished = false
        var nextWatcher = 0
        var watchers: [Int: AsyncStream<Value>.Continuation] = [:]
    }

    private let state: Mutex<State>

    package init(_ value: Value) { self.state = Mutex(State(value: value)) }

    package var current: Value { state.withLock { $0.value } }

    package func set(_ value: Value) {
        state.withLock { state in
            state.value = value
            // Under the lock, so that two setters can't hand out their values in the other order.
            for watcher in state.watchers.values { watcher.yield(value) }
        }
    }

    /// Hands the present value to every watcher again.
    package func setAgain() {
        state.withLock { state in
            for watcher in state.watchers.values { watcher.yield(state.value) }
        }
    }

    /// Ends every watcher's sequence, now and later.
    package func finish() {
        let watchers = state.withLock { state in
            state.isFinished = true
            defer { state.watchers = [:] }
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.finish() }
    }

    /// The present value at once, then every newest one. Ends with the watching task or with `finish()`.
    package func values() -> AsyncStream<Value> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let key = state.withLock { state -> Int? in
                // Under the lock, so that no `set` comes between the present value and the first new one.
                continuation.yield(state.value)
                guard !state.isFinished else { return nil }
                state.nextWatcher += 1
                state.watchers[state.nextWatcher] = continuation
                return state.nextWatcher
            }
            guard let key else { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.watchers.removeValue(forKey: key) }
            }
        }
    }
}
