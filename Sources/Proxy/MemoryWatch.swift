import CEventLoop
import Glibc
import Logging
import Resources
import Synchronization

/// Watches how much memory the process holds, and tells the loops when that comes near the limit.
///
/// A thread of its own, which nothing else can hold up. Loops that fill much memory at once look for themselves
/// (`EventLoop.lookAtMemory`) and wake it.
final class MemoryWatch: Sendable {
    static let ownMemory = "/proc/self/statm"
    /// Between two looks.
    private static let period = Duration.milliseconds(250)
    private static let periodWhenShort = Duration.milliseconds(25)

    let gauge: MemoryGauge
    private let descriptor: Int32
    private let signals: LoopSignals
    private let logger: Logger
    private let waker: Waker
    private let isStopping = Atomic(false)
    private let thread = Mailbox<OffPathThread.Handle?>(nil)

    /// - Parameters:
    ///   - limit: in bytes.
    ///   - file: what tells the memory that is held, in `/proc/self/statm`'s form.
    /// - Throws: `TurnoutError` with code `unavailable` when the file or a descriptor can't be had.
    init(limit: Int, file: String, signals: LoopSignals, logger: Logger) throws(TurnoutError) {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TurnoutError(.unavailable, "The proxy can't keep to a memory limit: \(file) can't be read.")
        }
        guard let waker = Waker() else {
            close(descriptor)
            throw TurnoutError(.unavailable, "There is no descriptor left for watching the proxy's memory.")
        }
        self.descriptor = descriptor
        self.signals = signals
        self.logger = logger
        self.waker = waker
        gauge = MemoryGauge(
            descriptor: descriptor, alarm: waker.descriptor, limit: max(1, limit), loops: signals.threads)
    }

    deinit { close(descriptor) }

    /// - Parameter wakes: what wakes the loops, until `stop`.
    /// - Throws: `TurnoutError` with code `unavailable` when the system gives no thread. Call it once.
    func start(wakes: [Int32]) throws(TurnoutError) {
        guard let handle = OffPathThread.start("turnout-memory", { [self] in run(wakes) }) else {
            throw TurnoutError(.unavailable, "There is no thread left for watching the proxy's memory.")
        }
        thread.change { $0 = handle }
    }

    /// Returns once the thread has ended. Safe to call more than once.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        waker.poke()
        let handle = thread.withLock { handle in
            defer { handle = nil }
            return handle
        }
        handle?.join()
    }

    private func run(_ wakes: [Int32]) {
        var last = MemoryPressure.none
        while !isStopping.load(ordering: .acquiring) {
            var bytes = gauge.bytes()
            var pressure = signals.pressure.next(bytes: bytes, limit: gauge.limit)
            if pressure > last {
                // What nobody needs just now goes first.
                Proxy.giveBackMemory()
                bytes = gauge.bytes()
                pressure = signals.pressure.next(bytes: bytes, limit: gauge.limit)
            }
            if pressure != signals.pressure { signals.publish(pressure) }
            if pressure != last {
                for wake in wakes { turnout_eventfd_signal(wake) }
                log(pressure, since: last, bytes)
                last = pressure
            }
            let period = pressure == .none ? Self.period : Self.periodWhenShort
            var watched = pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&watched, 1, Int32(period / .milliseconds(1)))
            waker.drain()
        }
    }

    private func log(_ pressure: MemoryPressure, since last: MemoryPressure, _ bytes: Int) {
        let metadata: Logger.Metadata = ["heldBytes": "\(bytes)", "limitBytes": "\(gauge.limit)"]
        switch pressure {
        case .none: logger.notice("There is enough memory again", metadata: metadata)
        case .draining where last == .none:
            logger.warning("Memory is getting short: connections end with their answers", metadata: metadata)
        case .draining: logger.notice("Memory suffices for new requests again", metadata: metadata)
        case .shedding where last < .shedding:
            logger.error("Memory is short: new requests are refused", metadata: metadata)
        case .shedding: logger.notice("Memory suffices for the requests in progress again", metadata: metadata)
        case .exhausted:
            logger.error("Memory is nearly used up: requests that need more of it end", metadata: metadata)
        }
    }
}
