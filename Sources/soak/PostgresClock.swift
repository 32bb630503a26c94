import Foundation
import Postgres

/// The clock of the run's PostgreSQL, which jumps when it is told to: libfaketime below the server's programs.
///
/// Leases, releases and holds go by PostgreSQL's clock, so it is the one that matters.
struct PostgresClock: Sendable {
    /// A directory with `postgres` and `initdb` that read this clock.
    let binaries: String
    private let file: URL

    /// - Returns: `nil` when libfaketime is not installed.
    init?(directory: URL) throws {
        guard let library = Self.library() else { return nil }
        let binaries = directory.appending(path: "clock")
        file = binaries.appending(path: "offset")
        self.binaries = binaries.path
        try FileManager.default.createDirectory(at: binaries, withIntermediateDirectories: true)
        try jump(to: 0)
        let installed = try PostgresBinaries.find(named: nil, version: nil).directory
        let preload = """
            export LD_PRELOAD=\(library) FAKETIME_TIMESTAMP_FILE=\(file.path) FAKETIME_CACHE_DURATION=1
            export FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1
            """
        for (program, preparation) in [("postgres", preload), ("initdb", "")] {
            let script = binaries.appending(path: program)
            try Data("#!/bin/sh\n\(preparation)\nexec \(installed)/\(program) \"$@\"\n".utf8).write(to: script)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
        }
    }

    /// From now on, within a second, the clock is so many seconds off.
    func jump(to seconds: Int) throws {
        try Data("\(seconds < 0 ? "" : "+")\(seconds)\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
    }

    /// Debian keeps it in a directory of the machine's kind.
    private static func library() -> String? {
        let root = "/usr/lib"
        let kinds = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return kinds.map { "\(root)/\($0)/faketime/libfaketime.so.1" }.first(where: FileManager.default.fileExists)
    }
}
