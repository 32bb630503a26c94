import CEventLoop
import Glibc

/// A thread of our own for work that may block: Swift's cooperative threads and the event loops must not.
enum OffPathThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// A thread that `join()` waits for. Whoever starts it joins it exactly once.
    struct Handle: Sendable {
        fileprivate let thread: pthread_t

        func join() { pthread_join(thread, nil) }
        func detach() { pthread_detach(thread) }
    }

    /// - Parameter name: as `top -H` shows it; at most 15 bytes.
    /// - Returns: `nil` when the system gives no more threads.
    static func start(_ name: StaticString, _ run: @escaping @Sendable () -> Void) -> Handle? {
        let body = unsafe Unmanaged.passRetained(Body(run))
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                if let argument = unsafe argument {
                    unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                }
                return nil
            }, body.toOpaque())
        guard result == 0 else {
            unsafe body.release()
            return nil
        }
        name.withUTF8Buffer { text in
            unsafe text.withMemoryRebound(to: CChar.self) { characters in
                if let start = characters.baseAddress { _ = unsafe pthread_setname_np(thread, start) }
            }
        }
        return Handle(thread: thread)
    }
}

/// Nanoseconds on the clock that never jumps.
struct MonotonicTime: Sendable, Hashable, Comparable {
    let nanoseconds: Int64

    static func now() -> MonotonicTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static let distantFuture = MonotonicTime(nanoseconds: .max)

    func advanced(milliseconds: Int) -> MonotonicTime {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(Int64(milliseconds) * 1_000_000)
        return overflow ? .distantFuture : MonotonicTime(nanoseconds: sum)
    }

    func seconds(since earlier: MonotonicTime) -> Double { Double(nanoseconds - earlier.nanoseconds) / 1e9 }

    /// For `poll`: rounded up, so that a waiter does not wake just before its time; `-1` is for ever.
    func pollTimeout(from now: MonotonicTime) -> Int32 {
        guard self != .distantFuture else { return -1 }
        let remaining = nanoseconds - now.nanoseconds
        guard remaining > 0 else { return 0 }
        return Int32(clamping: (remaining + 999_999) / 1_000_000)
    }

    static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}
