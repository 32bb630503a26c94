internal import Glibc

/// A cluster's files: made once, used by one server at a time, and cleared of what a crash left behind.
struct ClusterDirectory {
    /// Absolute and free of symbolic links, as `/proc` shows it.
    let path: String
    let socketDirectory: String
    static let port = 5432

    var logPath: String { path + ".log" }
    var lockPath: String { path + ".lock" }

    init(_ directory: String, account: ServerAccount) throws(PostgresError) {
        let (parent, name) = Self.split(directory)
        try PosixFile.makeDirectories(parent)
        guard let resolved = PosixFile.realPath(parent) else {
            throw PostgresError(.privateServer, "\(parent) can't be reached: \(String(cString: strerror(errno)))")
        }
        try account.checkCanReach(resolved)
        path = resolved + "/" + name
        let socketName = "/.s.PGSQL.\(Self.port)"
        if (path + socketName).utf8.count <= 107 {
            socketDirectory = path
        } else {
            // A socket's address holds 107 bytes. The directory is ours alone, or the attempt to make it so fails.
            socketDirectory = "/tmp/turnout-\(account.userID)-\(String(Self.digest(path), radix: 16))"
            try account.makePrivateDirectory(socketDirectory)
        }
    }

    /// The major version of the server that made the cluster; `nil` when there is none yet.
    var version: String? {
        PosixFile.readText("\(path)/PG_VERSION")?.split(separator: "\n").first.map(String.init)
    }

    /// Makes the cluster, wholly or not at all: an interrupted attempt is swept away by the next.
    func initialize(_ binaries: PostgresBinaries, account: ServerAccount, user: String, sync: Bool)
        throws(PostgresError)
    {
        if PosixFile.exists(path), rmdir(path) != 0 {
            throw PostgresError(.privateServer, "\(path) is neither empty nor a PostgreSQL cluster")
        }
        let attempt = path + ".new"
        _ = try ChildProcess.run(["rm", "-rf", attempt], timeout: .seconds(60))
        try account.makePrivateDirectory(attempt)
        var command = account.prefix + [binaries.initdb, "-D", attempt, "-U", user, "-A", "trust"]
        command += ["-E", "UTF8", "--locale=C.UTF-8"] + (sync ? [] : ["--no-sync"])
        let answer = try ChildProcess.run(command, timeout: .seconds(120))
        guard answer.status == 0 else {
            throw PostgresError(.privateServer, "initdb failed (\(answer.status)): \(answer.output)")
        }
        guard rename(attempt, path) == 0 else {
            throw PostgresError(.privateServer, "\(attempt) can't be renamed: \(String(cString: strerror(errno)))")
        }
    }

    /// The first line of `postmaster.pid`.
    var recordedPID: pid_t? {
        PosixFile.readText("\(path)/postmaster.pid")?.split(separator: "\n").first.flatMap { pid_t($0) }
    }

    /// The server processes that live in this directory, found by where they are: a number in a file proves nothing.
    var serverProcesses: [pid_t] {
        PosixFile.list("/proc").compactMap { pid_t($0) }.filter { pid in
            PosixFile.linkTarget("/proc/\(pid)/cwd") == path
                && PosixFile.linkTarget("/proc/\(pid)/exe")?.contains("/postgres") == true
        }
    }

    private static func split(_ directory: String) -> (parent: String, name: String) {
        let trimmed = String(directory.reversed().drop { $0 == "/" }.reversed())
        guard let slash = trimmed.lastIndex(of: "/") else { return (".", trimmed) }
        let parent = String(trimmed[..<slash])
        return (parent.isEmpty ? "/" : parent, String(trimmed[trimmed.index(after: slash)...]))
    }

    /// FNV-1a: the same path always has the same socket directory.
    private static func digest(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
