internal import Glibc

/// The programs of an installed PostgreSQL server.
package struct PostgresBinaries {
    package let directory: String

    var initdb: String { "\(directory)/initdb" }
    var postgres: String { "\(directory)/postgres" }

    /// - Parameters:
    ///   - named: where the user says they are; nowhere else is looked then.
    ///   - version: the major version that an existing cluster needs.
    package static func find(named: String?, version: String?) throws(PostgresError) -> PostgresBinaries {
        if let named {
            guard isComplete(named) else {
                throw PostgresError(
                    .privateServer, "there is no postgres and initdb in \(named), which was named for them")
            }
            return PostgresBinaries(directory: named)
        }
        let candidates = (configured() + installed()).filter(isComplete)
        let fitting = version.flatMap { version in candidates.first { $0.hasSuffix("/\(version)/bin") } }
        guard let directory = fitting ?? candidates.first else {
            throw PostgresError(
                .privateServer,
                "PostgreSQL's server programs were not found. Install them with: apt-get install postgresql util-linux")
        }
        return PostgresBinaries(directory: directory)
    }

    private static func configured() -> [String] {
        guard let answer = try? ChildProcess.run(["pg_config", "--bindir"], timeout: .seconds(10)), answer.status == 0
        else { return [] }
        return answer.output.split(separator: "\n").prefix(1).map(String.init)
    }

    /// Debian keeps every major version in a directory of its own; the newest comes first.
    private static func installed() -> [String] {
        let root = "/usr/lib/postgresql"
        let versions = PosixFile.list(root).compactMap { Int($0) }.sorted(by: >)
        return versions.map { "\(root)/\($0)/bin" }
    }

    private static func isComplete(_ directory: String) -> Bool {
        access("\(directory)/postgres", X_OK) == 0 && access("\(directory)/initdb", X_OK) == 0
    }
}
