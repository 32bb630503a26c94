import Glibc

@testable import Postgres

/// A directory directly under `/tmp`, where the user `postgres` can go too, for the time of a test.
enum ScratchDirectory {
    static func with(_ body: (String) async throws -> Void) async throws {
        var template = Array("/tmp/turnout-scratch-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw PostgresError(.privateServer, "mkdtemp: errno \(errno)") }
        let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(directory, 0o711)
        defer { _ = try? ChildProcess.run(["rm", "-rf", directory], timeout: .seconds(30)) }
        try await body(directory)
    }
}

/// A parent of a server and its watchdog that isn't this process, so that it can be killed.
final class OrphanMaker {
    private let pid: pid_t

    init(_ server: PrivatePostgresServer, _ cluster: ClusterDirectory, directory: String) throws {
        let binaries = try PostgresBinaries.find(named: nil, version: cluster.version)
        let command = try ServerAccount.current().prefix + server.serverCommand(binaries, cluster)
        let fifo = directory + "/fifo"
        mkfifo(fifo, 0o600)
        let log = open(cluster.logPath, O_WRONLY | O_APPEND | O_CLOEXEC)
        defer { close(log) }
        // Like the real parent, this one alone holds the end that the watchdog's order would come from.
        let script = #"fifo=$1; shift; "$@" <"$fifo" & exec 9>"$fifo"; mkfifo "$fifo.never"; read -r _ <"$fifo.never""#
        pid = try ChildProcess.spawn(
            ["sh", "-c", script, "parent", fifo] + WatchedServer.arguments(command: command, removable: nil),
            descriptors: [nil, log, log])
    }

    func kill() {
        Glibc.kill(pid, SIGKILL)
        ChildProcess.wait(pid)
    }
}

func script(_ url: String, _ sql: String) async throws {
    let connection = try PostgresConnection(PostgresConfiguration(url: url))
    try await connection.connect()
    try await connection.script(sql)
    await connection.close()
}

func count(_ url: String, _ sql: String) async throws -> Int? {
    let connection = try PostgresConnection(PostgresConfiguration(url: url))
    try await connection.connect()
    let count = try await connection.query(sql).first?.decode("count", as: Int.self)
    await connection.close()
    return count
}

func setting(_ url: String, _ name: String) async throws -> String? {
    let connection = try PostgresConnection(PostgresConfiguration(url: url))
    try await connection.connect()
    let value = try await connection.query("SELECT current_setting($1) AS value", [name])
    await connection.close()
    return try value.first?.decode("value", as: String.self)
}

/// Asks until a server answers. The deadline is far away: it ends broken runs, not slow ones.
func answers(_ url: String) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if (try? await count(url, "SELECT 1 AS count")) == 1 { return true }
        await Task.yield()
    }
    return false
}

/// Looks until no server process is left in the cluster's directory.
func isEmptied(_ cluster: ClusterDirectory) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if cluster.serverProcesses.isEmpty { return true }
        await Task.yield()
    }
    return false
}
