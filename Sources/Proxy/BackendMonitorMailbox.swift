import Glibc

/// State behind a lock, with a condition to wait on: how threads off the request path talk to each other.
///
/// `@unchecked Sendable`: `state` is touched only between `pthread_mutex_lock` and `pthread_mutex_unlock` of the
/// mutex beside it, and both C objects live at one address from `init` to `deinit`.
@safe
final class Mailbox<State: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: State) {
        self.state = state
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Changes the state and wakes every waiter.
    @discardableResult
    func change<Result>(_ body: (inout State) -> Result) -> Result {
        let result = withLock(body)
        unsafe pthread_cond_broadcast(condition)
        return result
    }

    /// Calls `attempt` now and after each change until it gives a result, or until the deadline it names has passed;
    /// then it is called once more by the next turn, so a deadline is also how work that falls due is picked up.
    func wait<Result>(_ attempt: (inout State) -> Attempt<Result>) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            switch attempt(&state) {
            case .done(let result): return result
            case .again(let time):
                if time == .distantFuture {
                    unsafe pthread_cond_wait(condition, mutex)
                } else {
                    var limit = timespec()
                    limit.tv_sec = Int(time.nanoseconds / 1_000_000_000)
                    limit.tv_nsec = Int(time.nanoseconds % 1_000_000_000)
                    unsafe pthread_cond_timedwait(condition, mutex, &limit)
                }
            }
        }
    }

    enum Attempt<Result> {
        case done(Result)
        /// Not yet: try again after a change, or at this time at the latest.
        case again(MonotonicTime)
    }
}
