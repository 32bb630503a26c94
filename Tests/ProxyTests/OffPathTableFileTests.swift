import Foundation
import Proxy
import Splitting
import Testing

@Suite("The table on disk")
struct TableFileTests {
    let directory: TemporaryDirectory
    let file: TableFile

    init() throws {
        directory = try TemporaryDirectory()
        file = TableFile(path: directory.file("table"))
    }

    @Test("What was stored is loaded, byte for byte, and nothing else is left in the directory")
    func roundTrip() throws {
        #expect(try file.load() == .absent)
        let table = try SampleTable.make(generation: 7)
        try file.store(table)
        #expect(try file.load() == .table(table))
        #expect(try directory.names() == ["table"])
    }

    @Test("A lower generation never replaces a higher one; an equal or higher one does")
    func generationNeverFalls() throws {
        let newer = try SampleTable.make(generation: 8)
        try file.store(newer)
        let older = try SampleTable.make(generation: 7)
        let error = #expect(throws: TableFileError.self) { try file.store(older) }
        #expect(error?.code == .stale)
        #expect(error?.message.contains("generation 7 is older than generation 8") == true)
        #expect(try file.load() == .table(newer))
        try file.store(newer)
        let newest = try SampleTable.make(generation: 9)
        try file.store(newest)
        #expect(try file.load() == .table(newest))
    }

    @Test("A file cut anywhere is set aside by name and never served")
    func truncated() throws {
        try file.store(SampleTable.make(generation: 7))
        let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
        for length in 0..<whole.count { try expectDamaged(whole.prefix(length)) }
    }

    @Test("A file with any one byte flipped, or with bytes after its end, is set aside by name and never served")
    func flipped() throws {
        try file.store(SampleTable.make(generation: 7))
        let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
        for index in 0..<whole.count {
            var bytes = whole
            bytes[index] ^= 1 << (index % 8)
            try expectDamaged(bytes)
        }
        try expectDamaged(whole + Data([0]))
    }

    @Test("A damaged file does not stand in the way of the next table")
    func storingOverDamage() throws {
        try Data("not a table at all, whatever it once was".utf8).write(to: URL(fileURLWithPath: file.path))
        let table = try SampleTable.make(generation: 1)
        try file.store(table)
        #expect(try file.load() == .table(table))
        #expect(try directory.names().count == 2)
    }

    @Test("What a crash left half written is neither loaded nor in the way")
    func leftover() throws {
        let table = try SampleTable.make(generation: 4)
        try file.store(table)
        try Data("half".utf8).write(to: URL(fileURLWithPath: file.path + ".writing"))
        #expect(try file.load() == .table(table))
        let next = try SampleTable.make(generation: 5)
        try file.store(next)
        #expect(try file.load() == .table(next))
        #expect(try directory.names() == ["table"])
    }

    @Test("A directory that is not there is reported with the path, and nothing is created")
    func missingDirectory() throws {
        let lost = TableFile(path: directory.file("absent/table"))
        let table = try SampleTable.make(generation: 1)
        let error = #expect(throws: TableFileError.self) { try lost.store(table) }
        #expect(error?.code == .fileSystem)
        #expect(error?.message.contains(directory.file("absent/table")) == true)
        #expect(try lost.load() == .absent)
    }

    private func expectDamaged(_ bytes: Data, _ location: SourceLocation = #_sourceLocation) throws {
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
