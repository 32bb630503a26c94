internal import Foundation

/// Where endpoint files come from, as git says: the source that they are, and the commit that they are of.
///
/// Runs git, which may take some milliseconds; without git, or outside of a checkout, there is less to say.
package struct FileOrigin: Sendable, Hashable {
    /// `github.com/acme/models//endpoints`: repository and directory in it, the same for everyone who has a checkout.
    /// Outside of a checkout, or of one without a remote: the directory's absolute path.
    package let source: String
    /// With `-dirty` when files differ from it; `nil` outside of a checkout.
    package let commit: String?

    /// - Parameter path: a directory, or a file, which stands for its directory.
    package init(of path: String) {
        let url = URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory)
        let directory = exists && isDirectory.boolValue ? url.path : url.deletingLastPathComponent().path
        commit = Self.git(["describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"], in: directory)
        guard let prefix = Self.git(["rev-parse", "--show-prefix"], in: directory),
            let remote = Self.remote(in: directory)
        else {
            source = directory
            return
        }
        let inside = prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix
        source = Self.repository(remote) + "//" + inside
    }

    /// `origin`, or else the first by name.
    private static func remote(in directory: String) -> String? {
        let names = git(["remote"], in: directory)?.split(separator: "\n").map(String.init) ?? []
        guard let name = names.contains("origin") ? "origin" : names.min() else { return nil }
        // What `git remote get-url` says depends on the machine: its settings may rewrite addresses.
        guard let url = git(["config", "--get", "remote.\(name).url"], in: directory), !url.isEmpty else { return nil }
        return url
    }

    /// One name for a repository however it is reached: `git@github.com:acme/models.git` and
    /// `https://token@github.com/acme/models` are `github.com/acme/models`. Credentials never get into it.
    static func repository(_ remote: String) -> String {
        var rest = remote[...]
        if let scheme = rest.range(of: "://") {
            rest = rest[scheme.upperBound...]
        } else if let colon = rest.firstIndex(of: ":"), !rest[..<colon].contains("/") {
            // SCP's way of writing: user@host:path.
            rest = rest[..<colon] + "/" + rest[rest.index(after: colon)...].drop { $0 == "/" }
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var host = rest[..<slash]
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        if let port = host.lastIndex(of: ":"), !host.hasSuffix("]") { host = host[..<port] }
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix(".git") { path.removeLast(4) }
        return host.lowercased() + path
    }

    /// - Returns: what git prints, without the last line's end; `nil` when it fails.
    private static func git(_ arguments: [String], in directory: String) -> String? {
        let git = Process()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "-C", directory] + arguments
        let pipe = Pipe()
        git.standardOutput = pipe
        git.standardError = FileHandle.nullDevice
        git.standardInput = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        let answer = pipe.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { return nil }
        return String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
