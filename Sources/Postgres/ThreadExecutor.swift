internal import CLibPQ
internal import Glibc
internal import Synchronization

/// A thread of its own for one actor, on which that actor may block without harm to Swift's cooperative pool.
/// The actor calls `stop` when it goes.
final class ThreadExecutor: SerialExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private static let stackSize = 1 << 20

    private let state = Mutex(State())
    private let wakeUp: EventSignal

    init() throws(PostgresError) {
        wakeUp = try EventSignal(nonblocking: false)
        try startThread()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        wakeUp.signal()
    }

    /// Ends the thread once it has run what it was given.
    func stop() {
        state.withLock { $0.isStopped = true }
        wakeUp.signal()
    }

    private func startThread() throws(PostgresError) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        var thread = pthread_t()
        // The thread holds the executor for as long as it runs.
        let retained = Unmanaged.passRetained(self)
        let outcome = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let executor = Unmanaged<ThreadExecutor>.fromOpaque(argument).takeRetainedValue()
                executor.runUntilStopped()
                return nil
            }, retained.toOpaque())
        guard outcome == 0 else {
            retained.release()
            throw PostgresError(.connectFailed, "no thread could be started: errno \(outcome)")
        }
    }

    private func runUntilStopped() {
        while true {
            wakeUp.clear()
            let (jobs, isStopped) = state.withLock { state in
                defer { state.jobs.removeAll(keepingCapacity: true) }
                return (state.jobs, state.isStopped)
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if isStopped && jobs.isEmpty { return }
            if isStopped { wakeUp.signal() }
        }
    }
}
