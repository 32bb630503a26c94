import Glibc
package import Splitting

/// The newest routing table on disk, from which a proxy starts when the control plane is away.
///
/// A value over one path; used by one thread at a time, off the request path. Whatever moment the process or the
/// machine dies at, the path holds the old table or the new one, whole.
package struct TableFile: Sendable {
    /// What `load()` found.
    package enum Loaded: Sendable, Hashable {
        case absent
        case table(FlatTable)
        /// The file was damaged and now stands at `movedTo`; it is never served.
        case damaged(reason: String, movedTo: String)
    }

    package let path: String

    /// - Parameter path: its directory must exist and be writable, since a new table is written beside the old one.
    package init(path: String) { self.path = path }

    /// Reads and checks the stored table. A damaged file is renamed to `<path>.damaged-<hash>`.
    ///
    /// - Throws: `TableFileError` with code `fileSystem` when the file is there but can't be read or set aside.
    package func load() throws(TableFileError) -> Loaded {
        guard let contents = try Self.read(path) else { return .absent }
        do {
            return .table(try check(contents))
        } catch {
            let target = "\(path).damaged-\(String(XXH64.hash(contents), radix: 16))"
            guard unsafe rename(path, target) == 0 else { throw Self.failure("rename", path) }
            try Self.syncDirectory(of: path)
            return .damaged(reason: error.message, movedTo: target)
        }
    }

    /// Replaces the stored table; returns once the new one would survive a power cut.
    ///
    /// Storing the generation that is already there is done again, so that a repaired disk heals. A damaged file in
    /// the way is set aside first, as `load()` does.
    /// - Throws: `TableFileError`: `stale` for a generation below the stored one, `fileSystem` otherwise; in both cases
    ///   the stored table is unchanged.
    package func store(_ table: FlatTable) throws(TableFileError) {
        if let stored = try storedGeneration(), stored > table.generation {
            throw TableFileError(
                .stale, "generation \(table.generation) is older than generation \(stored) in \(path)")
        }
        let temporary = "\(path).writing"
        try Self.write(Self.frame(table.bytes, generation: table.generation), to: temporary)
        guard unsafe rename(temporary, path) == 0 else {
            let failure = Self.failure("rename", temporary)
            unsafe unlink(temporary)
            throw failure
        }
        try Self.syncDirectory(of: path)
    }

    /// The frame's checksum suffices here: the table itself was checked when it was stored.
    private func storedGeneration() throws(TableFileError) -> UInt64? {
        guard let contents = try Self.read(path) else { return nil }
        if let stored = try? Self.unframe(contents) { return stored.generation }
        _ = try load()
        return nil
    }

    private func check(_ contents: [UInt8]) throws(TableFileError) -> FlatTable {
        let (announced, body) = try Self.unframe(contents)
        let table: FlatTable
        do {
            table = try FlatTable(validating: body)
        } catch {
            throw TableFileError(.damaged, "not a routing table: \(error)")
        }
        guard table.generation == announced else {
            throw TableFileError(.damaged, "the header says generation \(announced), the table \(table.generation)")
        }
        return table
    }
}
