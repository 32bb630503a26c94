internal import CLibPQ
internal import Glibc

/// Starting programs. Everything blocks and belongs on a thread of one's own.
enum ChildProcess {
    struct Answer {
        /// The exit status; 128 and more for a signal.
        let status: Int32
        /// Standard output and standard error together.
        let output: String
    }

    /// Runs a program to its end.
    static func run(_ arguments: [String], timeout: Duration) throws(PostgresError) -> Answer {
        let output = try Pipe()
        let pid = try spawn(arguments, descriptors: [nil, output.writeEnd, output.writeEnd])
        output.closeWriteEnd()
        let deadline = ContinuousClock.now + timeout
        var content: [UInt8] = []
        while let chunk = output.read(deadline: deadline) { content += chunk }
        if ContinuousClock.now >= deadline { kill(pid, SIGKILL) }
        return Answer(status: wait(pid), output: String(decoding: content, as: UTF8.self))
    }

    /// Starts a program in a session of its own (so that a Ctrl-C meant for us doesn't reach it), in the root directory.
    /// - Parameter descriptors: what becomes its descriptors 0, 1, 2, …; `nil` for `/dev/null`.
    static func spawn(_ arguments: [String], descriptors: [Int32?]) throws(PostgresError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in descriptors.enumerated() {
            if let source {
                posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(target), "/dev/null", O_RDWR, 0)
            }
        }
        // The server's user may not be allowed to be where we are.
        turnout_spawn_chdir(&actions, "/")
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        resetSignals(&attributes)
        var pid: pid_t = 0
        let outcome = CStringArray(arguments).withMutablePointers { pointers in
            posix_spawnp(&pid, arguments[0], &actions, &attributes, pointers, turnout_environ())
        }
        guard outcome == 0 else {
            throw PostgresError(
                .privateServer, "\(arguments[0]) can't be started: \(String(cString: strerror(outcome)))")
        }
        return pid
    }

    /// Reaps a child.
    @discardableResult
    static func wait(_ pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }

    /// What we ignore or block for ourselves must not be ignored by a server that is stopped by signals.
    private static func resetSignals(_ attributes: inout posix_spawnattr_t) {
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD, SIGUSR1, SIGUSR2] {
            sigaddset(&defaults, signal)
        }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | Int32(TURNOUT_SPAWN_SETSID)
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }
}
