import CEventLoop
import Glibc

/// Wakes one thread out of `poll`: any thread pokes, the sleeper watches `descriptor` for reading and drains it.
final class Waker: Sendable {
    let descriptor: Int32

    /// - Returns: `nil` when the process is out of descriptors.
    init?() {
        let descriptor = turnout_eventfd()
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func poke() { turnout_eventfd_signal(descriptor) }
    func drain() { turnout_eventfd_clear(descriptor) }
}
