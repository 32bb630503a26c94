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
        // At the same time: most of what each takes is starting a process.
        let described = Git(["describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"], in: directory)
        let inside = Git(["rev-parse", "--show-prefix"], in: directory)
        // What `git remote get-url` says depends on the machine: its settings may rewrite addresses.
        let remotes = Git(["config", "--get-regexp", #"^remote\..*\.url$"#], in: directory)
        commit = described.answer
        guard let prefix = inside.answer, let remote = remotes.answer.flatMap(Self.remote) else {
            source = directory
            return
        }
        source = Self.repository(remote) + "//" + (prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix)
    }

    /// `origin`, or else the first by name.
    ///
    /// - Parameter settings: a line a remote: `remote.origin.url git@github.com:acme/models`.
    private static func remote(_ settings: String) -> String? {
        var urls: [Substring: Substring] = [:]
        for line in settings.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2 else { continue }
            // Of several addresses of one remote, git fetches from the first.
            let name = words[0].dropFirst("remote.".count).dropLast(".url".count)
            urls[name] = urls[name] ?? words[1]
        }
        guard let name = urls["origin"] == nil ? urls.keys.min() : "origin" else { return nil }
        return urls[name].map(String.init)
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
}

/// One run of git, which has begun.
private struct Git {
    private let process = Process()
    private let output = Pipe()
    private let isRunning: Bool

    init(_ arguments: [String], in directory: String) {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", directory] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        isRunning = (try? process.run()) != nil
    }

    /// What git prints, without the last line's end; `nil` when it fails.
    var answer: String? {
        guard isRunning else { return nil }
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
