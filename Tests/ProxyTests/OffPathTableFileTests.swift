import Foundation
import Proxy
import Splitting
import Testing

@Suite("The table on disk")
struct TableFileTests {
    let directory: TemporaryDirectory
    var file: TableFile

    init() throws {
        directory = try TemporaryDirectory()
        file = TableFile(path: directory.file("table"))
    }

    @Test("What was stored is loaded, byte for byte, and nothing else is left in the directory")
    mutating func roundTrip() throws {
        #expect(try file.load() == .absent)
        let table = try SampleTable.make(generation: 7)
        try file.store(table)
        #expect(try file.load() == .table(table, cut: 0))
        #expect(try directory.names() == ["table"])
    }

    @Test("A lower generation never replaces a higher one; an equal or higher one does")
    mutating func generationNeverFalls() throws {
        let newer = try SampleTable.make(generation: 8)
        try file.store(newer)
        let older = try SampleTable.make(generation: 7)
        let error = #expect(throws: TableFileError.self) { try file.store(older) }
        #expect(error?.code == .stale)
        #expect(error?.message.contains("generation 7 is older than generation 8") == true)
        #expect(try file.load() == .table(newer, cut: 0))
        try file.store(newer)
        let newest = try SampleTable.make(generation: 9)
        try file.store(newest)
        #expect(try file.load() == .table(newest, cut: 0))
    }

    @Test("A file cut anywhere is set aside by name and never served")
    mutating func truncated() throws {
        try file.store(SampleTable.make(generation: 7))
        let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
        for length in 0..<whole.count { try expectDamaged(whole.prefix(length)) }
    }

    @Test("A file with any one byte flipped is set aside by name and never served")
    mutating func flipped() throws {
        try file.store(SampleTable.make(generation: 7))
        let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
        for index in 0..<whole.count {
            var bytes = whole
            bytes[index] ^= 1 << (index % 8)
            try expectDamaged(bytes)
        }
    }

    @Test("Changes are kept behind the table they lead from, and cost what they change")
    mutating func changes() throws {
        let steps = try Steps(of: 200)
        try file.store(steps.first)
        let whole = try size()
        for (delta, table) in steps.changes.prefix(20) {
            let before = try size()
            try file.store(table, after: delta)
            #expect(try size() - before < whole / 20)
        }
        #expect(try file.load() == .table(steps.changes[19].table, cut: 0))
        try file.store(steps.changes[20].table, after: steps.changes[20].delta)
        #expect(try file.load() == .table(steps.changes[20].table, cut: 0))
        #expect(try directory.names() == ["table"])
    }

    @Test("A change that starts from another table than the stored one has its table kept whole")
    mutating func strangeChange() throws {
        let steps = try Steps(of: 3)
        try file.store(steps.first)
        try file.store(steps.changes[1].table, after: steps.changes[1].delta)
        #expect(try file.load() == .table(steps.changes[1].table, cut: 0))
        var other = TableFile(path: file.path)
        try other.store(steps.changes[2].table, after: steps.changes[2].delta)
        #expect(try other.load() == .table(steps.changes[2].table, cut: 0))
    }

    @Test("However many changes are kept, the file stays about as small as twice its table")
    mutating func compaction() throws {
        let steps = try Steps(of: 2, changes: 1500)
        try file.store(steps.first)
        for (delta, table) in steps.changes { try file.store(table, after: delta) }
        #expect(try size() < 300 << 10)
        #expect(try file.load() == .table(steps.changes[1499].table, cut: 0))
    }

    @Test("A change that was cut anywhere is left out, and what is stored next is whole again")
    mutating func cutChange() throws {
        let steps = try Steps(of: 2)
        try file.store(steps.first)
        try file.store(steps.changes[0].table, after: steps.changes[0].delta)
        let kept = try size()
        try file.store(steps.changes[1].table, after: steps.changes[1].delta)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file.path))
        for length in kept..<bytes.count {
            try bytes.prefix(length).write(to: URL(fileURLWithPath: file.path))
            #expect(try file.load() == .table(steps.changes[0].table, cut: length - kept))
            try file.store(steps.changes[1].table, after: steps.changes[1].delta)
            #expect(try file.load() == .table(steps.changes[1].table, cut: 0))
        }
    }

    @Test("A change with a byte flipped and another change behind it has the file set aside")
    mutating func flippedChange() throws {
        let steps = try Steps(of: 2)
        try file.store(steps.first)
        let first = try size()
        for step in steps.changes.prefix(2) { try file.store(step.table, after: step.delta) }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file.path))
        bytes[first + 60] ^= 1
        try expectDamaged(bytes)
    }

    private func size() throws -> Int { try Data(contentsOf: URL(fileURLWithPath: file.path)).count }

    @Test("A damaged file does not stand in the way of the next table")
    mutating func storingOverDamage() throws {
        try Data("not a table at all, whatever it once was".utf8).write(to: URL(fileURLWithPath: file.path))
        let table = try SampleTable.make(generation: 1)
        try file.store(table)
        #expect(try file.load() == .table(table, cut: 0))
        #expect(try directory.names().count == 2)
    }

    @Test("What a crash left half written is neither loaded nor in the way")
    mutating func leftover() throws {
        let table = try SampleTable.make(generation: 4)
        try file.store(table)
        try Data("half".utf8).write(to: URL(fileURLWithPath: file.path + ".writing"))
        #expect(try file.load() == .table(table, cut: 0))
        let next = try SampleTable.make(generation: 5)
        try file.store(next)
        #expect(try file.load() == .table(next, cut: 0))
        #expect(try directory.names() == ["table"])
    }

    @Test("A directory that is not there is reported with the path, and nothing is created")
    mutating func missingDirectory() throws {
        var lost = TableFile(path: directory.file("absent/table"))
        let table = try SampleTable.make(generation: 1)
        let error = #expect(throws: TableFileError.self) { try lost.store(table) }
        #expect(error?.code == .fileSystem)
        #expect(error?.message.contains(directory.file("absent/table")) == true)
        #expect(try lost.load() == .absent)
    }

    private mutating func expectDamaged(_ bytes: Data, _ location: SourceLocation = #_sourceLocation) throws {
        try bytes.write(to: URL(fileURLWithPath: file.path))
        guard case .damaged(let reason, let movedTo) = try file.load() else {
            Issue.record("\(bytes.count) damaged bytes were taken for a table", sourceLocation: location)
            return
        }
        #expect(!reason.isEmpty, sourceLocation: location)
        #expect(movedTo.hasPrefix(file.path + ".damaged-"), sourceLocation: location)
        #expect(try Data(contentsOf: URL(fileURLWithPath: movedTo)) == bytes, sourceLocation: location)
        #expect(try file.load() == .absent, sourceLocation: location)
        try FileManager.default.removeItem(atPath: movedTo)
    }
}

/// A table, and changes of one endpoint each.
private struct Steps {
    let first: FlatTable
    private(set) var changes: [(delta: TableDelta, table: FlatTable)] = []

    init(of endpoints: Int, changes count: Int = 30) throws {
        var routes = try (0..<endpoints).map { try SampleTable.route("endpoint-\($0)", hosts: []) }
        var set = try RouteSet(routes)
        first = FlatTable(set, generation: 1)
        var mark = TableMark(generation: 1, digest: first.digest)
        for generation in UInt64(2)..<UInt64(2 + count) {
            routes[0].revision += 1
            let delta = try TableDelta(
                from: mark, changing: &set, to: generation, changed: [routes[0]], removed: [])
            mark = delta.result
            changes.append((delta, FlatTable(set, generation: generation)))
        }
    }
}
