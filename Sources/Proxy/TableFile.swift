import Glibc
import Resources
package import Splitting

/// The newest routing table on disk, from which a proxy starts when the control plane is away: a whole table, and the
/// changes since, so that keeping a change costs what it changes.
///
/// Used by one thread at a time, off the request path. Whatever moment the process or the machine dies at, what was
/// stored is there: a change that was cut short is left out.
package struct TableFile: Sendable {
    /// What `load()` found.
    package enum Loaded: Sendable, Hashable {
        case absent
        /// - cut: how many bytes at the end were a change that was not stored completely; they are left out.
        case table(FlatTable, cut: Int)
        /// The file was damaged and now stands at `movedTo`; it is never served.
        case damaged(reason: String, movedTo: String)
    }

    /// What the file holds.
    private struct Contents {
        var mark: TableMark
        var length: Int
        /// As long as it was when the table was last stored whole.
        var wholeLength: Int
    }

    package let path: String
    /// `nil`: not known, or its end is not to be trusted; then the next table is stored whole.
    private var contents: Contents?

    /// Changes may take as much room as the table, and this much more, before it is stored whole again.
    private static let changesLength = 256 << 10

    /// - Parameter path: its directory must exist and be writable, since a new table is written beside the old one.
    package init(path: String) { self.path = path }

    /// Reads and checks the stored table. A damaged file is renamed to `<path>.damaged-<hash>`.
    ///
    /// - Throws: `TableFileError` with code `fileSystem` when the file is there but can't be read or set aside.
    package mutating func load() throws(TableFileError) -> Loaded {
        contents = nil
        guard let bytes = try Self.read(path) else { return .absent }
        do {
            let stored = try Self.parse(bytes)
            if stored.cut == 0 {
                contents = Contents(
                    mark: TableMark(generation: stored.table.generation, digest: stored.table.digest),
                    length: bytes.count, wholeLength: stored.wholeLength)
            }
            return .table(stored.table, cut: stored.cut)
        } catch {
            let target = "\(path).damaged-\(String(XXH64.hash(bytes), radix: 16))"
            guard unsafe rename(path, target) == 0 else { throw Self.failure("rename", path) }
            try Self.syncDirectory(of: path)
            return .damaged(reason: error.message, movedTo: target)
        }
    }

    /// Keeps a table; returns once it would survive a power cut.
    ///
    /// Storing the generation that is already there is done again, so that a repaired disk heals. A damaged file in
    /// the way is set aside first, as `load()` does.
    /// - Parameter change: what led to the table; it alone is written when it starts from the stored one.
    /// - Throws: `TableFileError`: `stale` for a generation below the stored one, `fileSystem` otherwise; in both cases
    ///   what was stored is unchanged.
    package mutating func store(_ table: FlatTable, after change: TableDelta? = nil) throws(TableFileError) {
        if let change, let contents, contents.mark == change.base, try append(change, to: contents) { return }
        if let stored = try storedGeneration(), stored > table.generation {
            throw TableFileError(
                .stale, "generation \(table.generation) is older than generation \(stored) in \(path)")
        }
        let frame = Self.frame(try Self.compiled { () throws(TurnoutError) in try table.bytes() }, of: table.generation)
        let temporary = "\(path).writing"
        try Self.write(frame, to: temporary)
        guard unsafe rename(temporary, path) == 0 else {
            let failure = Self.failure("rename", temporary)
            unsafe unlink(temporary)
            throw failure
        }
        contents = Contents(
            mark: TableMark(generation: table.generation, digest: table.digest), length: frame.count,
            wholeLength: frame.count)
        try Self.syncDirectory(of: path)
    }

    /// - Returns: false when the table is to be stored whole instead.
    private mutating func append(_ change: TableDelta, to contents: Contents) throws(TableFileError) -> Bool {
        let body = try Self.compiled { () throws(TurnoutError) in try change.bytes() }
        let frame = Self.frame(body, of: change.result.generation, isChange: true)
        let length = contents.length + frame.count
        guard length <= 2 * contents.wholeLength + Self.changesLength else { return false }
        // Until the disk has taken all of it, the file's end is not to be trusted.
        self.contents = nil
        guard try Self.append(frame, to: path, at: contents.length) else { return false }
        self.contents = Contents(mark: change.result, length: length, wholeLength: contents.wholeLength)
        return true
    }

    /// The frames' checksums suffice here: the table itself was checked when it was stored.
    private mutating func storedGeneration() throws(TableFileError) -> UInt64? {
        if let contents { return contents.mark.generation }
        guard let bytes = try Self.read(path) else { return nil }
        if let frames = try? Self.frames(in: bytes) { return frames.last?.generation }
        _ = try load()
        return nil
    }

    /// A table that is served can be compiled; should it ever not be, the old one stays.
    private static func compiled(_ body: () throws(TurnoutError) -> [UInt8]) throws(TableFileError) -> [UInt8] {
        do { return try body() } catch { throw TableFileError(.fileSystem, error.message) }
    }
}
