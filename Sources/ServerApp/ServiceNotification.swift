import Foundation
import Proxy

/// Tells systemd how this process is doing, as sd_notify(3) does; says nothing where nobody listens.
struct ServiceNotification: Sendable {
    /// `NOTIFY_SOCKET`
    let socket: String?

    /// This process serves, and is the service's main one from now on.
    func ready() { send("READY=1\nMAINPID=\(ProcessInfo.processInfo.processIdentifier)") }

    func stopping() { send("STOPPING=1") }

    private func send(_ text: String) {
        guard let socket else { return }
        // Whoever does not listen does not mind.
        try? UnixDatagram.send(text, to: socket)
    }
}
