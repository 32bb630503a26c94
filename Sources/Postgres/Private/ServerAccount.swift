internal import Glibc

/// Whom the private server runs as: ourselves, or `postgres` when we are root, whom PostgreSQL refuses.
struct ServerAccount {
    let name: String
    let userID: uid_t
    let groupID: gid_t
    /// What stands before a command to run it as this account.
    let prefix: [String]

    private static let rootStandIn = "postgres"

    static func current() throws(PostgresError) -> ServerAccount {
        guard geteuid() == 0 else {
            return ServerAccount(name: "user \(geteuid())", userID: geteuid(), groupID: getegid(), prefix: [])
        }
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(rootStandIn, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw PostgresError(
                .privateServer,
                "PostgreSQL refuses to run as root, and there is no user \(rootStandIn) to run it as. "
                    + "Install it with: apt-get install postgresql util-linux")
        }
        let prefix = ["setpriv", "--reuid=\(rootStandIn)", "--regid=\(entry.pw_gid)", "--init-groups", "--"]
        return ServerAccount(name: rootStandIn, userID: entry.pw_uid, groupID: entry.pw_gid, prefix: prefix)
    }

    /// Makes a directory that this account alone may enter.
    func makePrivateDirectory(_ path: String) throws(PostgresError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw PostgresError(.privateServer, "\(path) can't be made: \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw PostgresError(.privateServer, "\(path) is not a directory")
        }
        if prefix.isEmpty {
            guard status.st_uid == userID else {
                throw PostgresError(.privateServer, "\(path) belongs to user id \(status.st_uid), not to \(name)")
            }
        } else if status.st_uid == 0 || status.st_uid == userID {
            lchown(path, userID, groupID)
        } else {
            throw PostgresError(.privateServer, "\(path) belongs to user id \(status.st_uid), not to \(name) or root")
        }
        chmod(path, 0o700)
    }

    /// Refuses a directory that this account can't reach, naming the directory that is in its way.
    func checkCanReach(_ directory: String) throws(PostgresError) {
        guard !prefix.isEmpty else { return }
        var path = ""
        for component in directory.split(separator: "/") {
            path += "/" + component
            let answer = try ChildProcess.run(prefix + ["test", "-x", path], timeout: .seconds(10))
            guard answer.status != 0 else { continue }
            throw PostgresError(
                .privateServer,
                "started by root, PostgreSQL runs as user \(name), who can't enter \(path) on the way to \(directory). "
                    + "Choose another data directory, such as /var/lib/turnout, or allow it: chmod o+x \(path)"
                    + (answer.output.isEmpty ? "" : " (\(answer.output))"))
        }
    }
}
