import CEventLoop
import Glibc
import Synchronization

/// A thread that runs one event loop from start to stop.
final class LoopThread: Sendable {
    private let thread: Mutex<pthread_t?> = Mutex(nil)
    private let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) throws(LoopThreadError) {
        self.body = body
        var handle = pthread_t()
        let argument = unsafe Unmanaged.passRetained(self).toOpaque()
        let result = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<LoopThread>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, argument)
        guard result == 0 else {
            unsafe Unmanaged<LoopThread>.fromOpaque(argument).release()
            throw LoopThreadError(errno: result)
        }
        _ = unsafe turnout_name_thread(handle, name)
        thread.withLock { $0 = handle }
    }

    /// Waits until the loop has ended; later calls return at once.
    func join() {
        let handle = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let handle { _ = pthread_join(handle, nil) }
    }
}

/// The kernel gave no thread.
struct LoopThreadError: Error {
    let errno: Int32
}
