internal import Synchronization

/// A poke that coalesces: any number of pokes before the next wait count as one, and none is lost.
///
/// One task waits; any thread may poke, and never blocks.
package final class Activator: Sendable {
    private struct State {
        var isPoked = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    package func poke() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter else {
                state.isPoked = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns once poked, at once if that happened since the last wait, after `period` at the latest, or when the
    /// task is cancelled.
    package func wait(atMost period: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForPoke() }
            group.addTask { try? await Task.sleep(for: period) }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForPoke() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isPoked || Task.isCancelled {
                        state.isPoked = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }?.resume()
        }
    }
}
