internal import Glibc

/// A running server and the watchdog that ends it when we die, however we do.
///
/// The watchdog reads a pipe that only we can write to. Its end of file means that we are gone, and it stops the server.
/// The server's processes alone hold another pipe's writing end: its end of file means that all of them are gone.
final class WatchedServer {
    /// `$1` is what to delete once the parent is gone, if anything; the rest is the server's command.
    static let watchdog = """
        removable=$1; shift
        "$@" </dev/null &
        server=$!
        exec 3>&-
        trap 'kill -INT $server 2>/dev/null' TERM INT HUP
        read -r order || order=gone
        kill -INT $server 2>/dev/null
        wait $server
        if [ -n "$removable" ] && [ "$order" = gone ]; then rm -rf "$removable"; fi
        """

    private let watchdogPID: pid_t
    private let orders: Pipe
    private let life: Pipe
    private var isReaped = false

    init(command: [String], removable: String?, logPath: String) throws(PostgresError) {
        let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else {
            throw PostgresError(.privateServer, "\(logPath) can't be written: \(String(cString: strerror(errno)))")
        }
        defer { close(log) }
        orders = try Pipe()
        life = try Pipe()
        watchdogPID = try ChildProcess.spawn(
            Self.arguments(command: command, removable: removable),
            descriptors: [orders.readEnd, log, log, life.writeEnd])
        life.closeWriteEnd()
    }

    deinit {
        // Closing the pipes is what stops the server; the watchdog is left to init when nobody waited for it.
        if !isReaped { orders.closeWriteEnd() }
    }

    /// The watchdog's whole command, for whoever wants to be its parent instead.
    static func arguments(command: [String], removable: String?) -> [String] {
        ["sh", "-c", watchdog, "turnout-postgres-watchdog", removable ?? ""] + command
    }

    /// Whether every process of the server is gone, by the deadline at the latest.
    func isGone(by deadline: ContinuousClock.Instant) -> Bool { life.isReadable(deadline: deadline) }

    /// Lets the watchdog stop the server in an orderly way and waits for both.
    /// - Parameter forGood: whether an ephemeral server's files go too.
    /// - Returns: whether the server ended in time.
    func stop(forGood: Bool, deadline: ContinuousClock.Instant) -> Bool {
        if !forGood { orders.write("stop\n") }
        orders.closeWriteEnd()
        guard isGone(by: deadline) else { return false }
        reap()
        return true
    }

    func reap() {
        guard !isReaped else { return }
        isReaped = true
        ChildProcess.wait(watchdogPID)
    }
}
