import Foundation

/// How a proxy names itself to the control plane.
struct ProxyIdentity: Sendable, Hashable {
    /// Stays the same over restarts with the same data directory.
    let id: String
    /// Different after every start.
    let incarnation: String

    /// Of a proxy that reports to nobody.
    static let unnamed = ProxyIdentity(id: "static", incarnation: "static")

    private init(id: String, incarnation: String) {
        self.id = id
        self.incarnation = incarnation
    }

    /// Reads the id that was used before in this directory, or makes one up.
    ///
    /// - Throws: when the directory, which must exist, can't be written.
    init(directory: String) throws {
        let path = directory + "/proxy-id"
        incarnation = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        if let kept = try? String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines),
            (1...255).contains(kept.count)
        {
            id = kept
            return
        }
        let host = ProcessInfo.processInfo.hostName.prefix(64)
        id = "\(host)-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"
        try (id + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
}
