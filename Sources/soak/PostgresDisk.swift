import Foundation
import Glibc
import Postgres
import TestSupport

/// Where PostgreSQL keeps its files, and how no more fits there: a small file system of its own, or, where none may be
/// mounted, a limit on the size of the files that its processes write.
struct PostgresDisk: Sendable {
    private static let size = "512m"
    private static let ballastChunk = [UInt8](repeating: 0, count: 1 << 20)

    let directory: URL
    private let isMounted: Bool

    /// Makes the directory.
    init(directory: URL) throws {
        self.directory = directory
        try FileManager.default.createDirectory(
            at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        isMounted = mount("tmpfs", directory.path, "tmpfs", 0, "size=\(Self.size),mode=0711") == 0
    }

    /// What the run says of it.
    var kind: String { isMounted ? "a tmpfs of \(Self.size)" : "a limit on file sizes, since no tmpfs may be mounted" }

    /// From now on nothing more can be written.
    func fill(_ observer: Observer) async throws {
        guard isMounted else { return try await limitFiles(observer) }
        let ballast = open(ballastPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard ballast >= 0 else { throw ProcessFailure("\(ballastPath) can't be written: errno \(errno)") }
        defer { close(ballast) }
        while Self.ballastChunk.withUnsafeBytes({ write(ballast, $0.baseAddress, $0.count) }) > 0 {}
    }

    /// There is room again, for processes that are started from now on at the latest.
    /// - Returns: whether there is for those that run.
    func empty() -> Bool {
        if isMounted { unlink(ballastPath) }
        return isMounted
    }

    func remove() {
        if isMounted { umount2(directory.path, Int32(MNT_DETACH)) }
    }

    private var ballastPath: String { directory.appending(path: "ballast").path }

    /// The server's first process hands its limit to every new one.
    private func limitFiles(_ observer: Observer) async throws {
        for process in try await observer.postgresProcesses() {
            let command = Process()
            command.executableURL = URL(filePath: "/usr/bin/env")
            command.arguments = ["prlimit", "--pid=\(process)", "--fsize=0:"]
            command.standardError = FileHandle.nullDevice
            try command.run()
            command.waitUntilExit()
        }
    }
}
