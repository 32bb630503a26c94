internal import Glibc

extension ClusterDirectory {
    private static let pollInterval: Int32 = 20

    /// Takes the directory for this process.
    func lock() throws(PostgresError) -> DirectoryLock {
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PostgresError(.privateServer, "\(lockPath) can't be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            let owner = PosixFile.readText(lockPath)?.split(separator: "\n").first.map { " (process \($0))" } ?? ""
            throw PostgresError(
                .privateServer,
                "another Turnout\(owner) is running on \(path). Stop it, or choose another data directory")
        }
        ftruncate(descriptor, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = pwrite(descriptor, text, text.count, 0)
        return DirectoryLock(descriptor)
    }

    /// Waits for a server whose parent was killed to end, hurries it in the end, and removes what it left behind. Only for
    /// the lock's holder: nobody else's server can be in there then.
    func clearLeftovers() throws(PostgresError) {
        let start = ContinuousClock.now
        var lastSignal: Int32 = 0
        while true {
            let processes = serverProcesses
            if processes.isEmpty { break }
            let waited = ContinuousClock.now - start
            guard waited < .seconds(40) else {
                throw PostgresError(.privateServer, "PostgreSQL processes \(processes) on \(path) don't end")
            }
            let signal = waited < .seconds(15) ? SIGINT : waited < .seconds(25) ? SIGQUIT : SIGKILL
            if signal != lastSignal {
                // SIGINT means something else to a backend: it's for the postmaster alone.
                for pid in processes where signal != SIGINT || pid == recordedPID { kill(pid, signal) }
                lastSignal = signal
            }
            poll(nil, 0, Self.pollInterval)
        }
        // PostgreSQL would take a number in these for a live server's if any process has it by now.
        unlink("\(path)/postmaster.pid")
        unlink("\(socketDirectory)/.s.PGSQL.\(Self.port).lock")
    }
}
