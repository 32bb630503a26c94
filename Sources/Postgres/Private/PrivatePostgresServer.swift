internal import CLibPQ
internal import Glibc
package import Logging

/// A PostgreSQL server of our own, reached through a socket in its directory only, which ends when this process does,
/// however that ends. `dev` runs one for its data, and every test process one for its tests.
///
/// The calls block on a thread of the actor's own. Nothing runs between `start` and `stop` on our side.
package actor PrivatePostgresServer {
    /// How the server is stopped.
    package enum StopMode: Sendable {
        /// Sessions are ended, everything is written; the next start is quick.
        case fast
        /// As if it had crashed; the next start recovers.
        case immediate
    }

    /// What one start made.
    private struct Running {
        let server: WatchedServer
        let cluster: ClusterDirectory
        let lock: DirectoryLock
        let url: String
    }

    package nonisolated let configuration: PrivatePostgresConfiguration
    private nonisolated let executor: ThreadExecutor
    private let logger: Logger
    private var running: Running?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    package init(_ configuration: PrivatePostgresConfiguration, logger: Logger) throws(PostgresError) {
        self.configuration = configuration
        self.logger = logger
        executor = try ThreadExecutor()
    }

    deinit { executor.stop() }

    /// Starts the server, making its cluster on first use and recovering from a crash if need be, and waits until it
    /// answers. Does nothing when it's running already.
    /// - Returns: the connection URL of `configuration.database`, also good for `psql`.
    /// - Throws: `.privateServer` with a message that says what to do, such as when another process uses the directory.
    @discardableResult
    package func start() async throws -> String {
        if let running { return running.url }
        let account = try ServerAccount.current()
        let cluster = try ClusterDirectory(configuration.directory, account: account)
        let lock = try cluster.lock()
        do {
            let started = try start(cluster, account, lock)
            running = started
            try createDatabase(started)
            logger.info("private postgres started", metadata: ["postgres.directory": "\(cluster.path)"])
            return started.url
        } catch {
            if let running { _ = running.server.stop(forGood: false, deadline: .now + .seconds(10)) }
            running = nil
            throw error
        }
    }

    /// Stops the server and waits until each of its processes is gone. Does nothing when it isn't running.
    /// - Parameter forGood: whether an ephemeral server's files are deleted.
    package func stop(_ mode: StopMode = .fast, forGood: Bool = false) async throws {
        guard let running else { return }
        self.running = nil
        defer { withExtendedLifetime(running.lock) {} }
        if mode == .immediate, let pid = running.cluster.recordedPID {
            kill(pid, SIGQUIT)
            _ = running.server.isGone(by: .now + .seconds(10))
        }
        if !running.server.stop(forGood: forGood, deadline: .now + .seconds(30)) {
            logger.warning("private postgres did not stop in time", metadata: ["postgres.mode": "\(mode)"])
            try running.cluster.clearLeftovers()
            running.server.reap()
        }
    }

    /// The URL of a database of this server, while it runs.
    package func url(database: String) -> String? { running.map { url(of: $0.cluster, database: database) } }

    private func start(_ cluster: ClusterDirectory, _ account: ServerAccount, _ lock: DirectoryLock) throws -> Running {
        try cluster.clearLeftovers()
        let binaries = try PostgresBinaries.find(named: configuration.binaries, version: cluster.version)
        if cluster.version == nil {
            try cluster.initialize(
                binaries, account: account, user: configuration.user, sync: !configuration.isEphemeral)
        }
        cluster.trimLog()
        let server = try WatchedServer(
            command: account.prefix + serverCommand(binaries, cluster), removable: configuration.removable,
            logPath: cluster.logPath)
        try waitUntilReady(server, cluster)
        return Running(
            server: server, cluster: cluster, lock: lock, url: url(of: cluster, database: configuration.database))
    }

    private func waitUntilReady(_ server: WatchedServer, _ cluster: ClusterDirectory) throws {
        let deadline = ContinuousClock.now + configuration.startTimeout
        let url = url(of: cluster, database: "postgres")
        while PQping(url) != PQPING_OK {
            // This wait is also the pause between two attempts.
            if server.isGone(by: .now + .milliseconds(15)) {
                server.reap()
                throw PostgresError(.privateServer, "PostgreSQL did not start: \(cluster.logTail)")
            }
            guard ContinuousClock.now < deadline else {
                throw PostgresError(.privateServer, "PostgreSQL did not come up in time: \(cluster.logTail)")
            }
        }
    }

    private func createDatabase(_ running: Running) throws {
        guard configuration.database != "postgres" else { return }
        let session = try LibPQSession(
            PostgresConfiguration(url: url(of: running.cluster, database: "postgres")), interruption: Interruption(),
            deadline: .now + .seconds(30))
        let deadline = ContinuousClock.now + .seconds(60)
        let found = try session.run(
            "SELECT 1 FROM pg_database WHERE datname = $1", [.text(configuration.database)], deadline: deadline)
        guard found.rows.isEmpty else { return }
        _ = try session.run(
            script: "CREATE DATABASE \(SQLText.identifier(configuration.database))", deadline: deadline)
    }

    private func url(of cluster: ClusterDirectory, database: String) -> String {
        "postgresql://\(PostgresURL.encode(configuration.user))@/\(PostgresURL.encode(database))"
            + "?host=\(PostgresURL.encode(cluster.socketDirectory))&port=\(ClusterDirectory.port)"
    }

    nonisolated func serverCommand(_ binaries: PostgresBinaries, _ cluster: ClusterDirectory) -> [String] {
        var settings = [
            "listen_addresses=", "port=\(ClusterDirectory.port)", "unix_socket_directories=\(cluster.socketDirectory)",
            "unix_socket_permissions=0700", "max_connections=\(configuration.maximumConnections)",
            "logging_collector=off", "log_destination=stderr", "log_line_prefix=%m [%p] ",
        ]
        if configuration.isEphemeral {
            // Commits still reach the kernel at once, so that a killed server loses none that it acknowledged.
            settings += [
                "fsync=off", "full_page_writes=off", "shared_buffers=32MB", "wal_level=minimal", "max_wal_senders=0",
            ]
        } else {
            settings += ["fsync=on", "full_page_writes=on"]
        }
        settings.append("synchronous_commit=on")
        return [binaries.postgres, "-D", cluster.path] + settings.flatMap { ["-c", $0] }
    }
}
