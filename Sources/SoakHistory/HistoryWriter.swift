package import Foundation
internal import Synchronization

/// Appends to a history as things happen. Safe to share between tasks and threads; lines never mix.
package final class HistoryWriter: Sendable {
    private let file: Mutex<FileHandle>
    private let start = ContinuousClock.now

    /// Begins a new file.
    package init(_ url: URL) throws {
        try Data().write(to: url)
        file = Mutex(try FileHandle(forWritingTo: url))
    }

    /// The moment of the run that is now.
    package var now: RunMoment {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    package func append(_ entry: HistoryEntry) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = try encoder.encode(entry) + [UInt8(ascii: "\n")]
        try file.withLock { try $0.write(contentsOf: line) }
    }
}
