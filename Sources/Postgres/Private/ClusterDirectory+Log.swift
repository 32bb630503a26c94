internal import Glibc

extension ClusterDirectory {
    private static let maximumLogSize = 8 << 20

    /// Empties a log that has grown large. Called while no server writes to it.
    func trimLog() {
        var status = stat()
        if stat(logPath, &status) == 0, status.st_size > Self.maximumLogSize { truncate(logPath, 0) }
    }

    /// The last lines, for an error's message.
    var logTail: String {
        let lines = PosixFile.readText(logPath)?.split(separator: "\n").suffix(5) ?? []
        return lines.isEmpty ? "\(logPath) is empty" : "\(logPath) ends with: " + lines.joined(separator: " | ")
    }
}
