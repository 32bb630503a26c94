import Foundation

/// Says when the endpoint files of a directory have changed: by names, sizes and times, looked at once a second.
struct DirectoryWatch {
    private struct Entry: Hashable {
        let path: String
        let size: Int
        let modified: Date
    }

    private let directory: String
    private var seen: Set<Entry> = []

    init(directory: String) {
        self.directory = directory
        seen = entries()
    }

    /// Returns once something changed and then stayed as it was for one look, so that a half-written file is not read;
    /// without a change after `limit`, if there is one.
    mutating func nextChange(within limit: Duration? = nil) async throws {
        let end = limit.map { ContinuousClock.now + $0 }
        var latest = seen
        while true {
            if let end, .now >= end { return }
            try await Task.sleep(for: .seconds(1))
            let found = entries()
            if found != seen, found == latest {
                seen = found
                return
            }
            latest = found
        }
    }

    private func entries() -> Set<Entry> {
        let keys: Set<URLResourceKey> = [.contentModificationDateKey, .fileSizeKey, .isRegularFileKey]
        let root = URL(fileURLWithPath: directory)
        guard let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: Array(keys)) else {
            return []
        }
        var found: Set<Entry> = []
        for case let url as URL in walk where ["yaml", "yml"].contains(url.pathExtension) {
            guard let values = try? url.resourceValues(forKeys: keys), values.isRegularFile == true else { continue }
            found.insert(
                Entry(
                    path: url.path, size: values.fileSize ?? 0, modified: values.contentModificationDate ?? .distantPast
                ))
        }
        return found
    }
}
