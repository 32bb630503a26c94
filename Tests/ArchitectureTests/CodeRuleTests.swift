import Foundation
import Testing

@Suite("The code keeps the house's rules")
struct CodeRuleTests {
    /// A file may be longer than the limit only for a reason that stands here.
    static let longFiles: [String: String] = [
        "Sources/ServerApp/EmbeddedMigrations.swift": "the text of Migrations/, so that the program needs no files"
    ]
    static let lineLimit = 500

    /// Every Swift file, taken apart once for all rules.
    static let sources: [String: ScannedSource] = {
        var sources: [String: ScannedSource] = [:]
        for path in (try? Repository.swiftFiles(below: "Sources") + Repository.swiftFiles(below: "Tests")) ?? [] {
            sources[path] = (try? Repository.text(path)).map { ScannedSource($0) }
        }
        return sources
    }()

    @Test("There is code to hold against the rules")
    func hasSources() {
        #expect(Self.sources.count > 100)
    }

    @Test("Nothing on the list of banned calls is in the code", arguments: BannedCall.all)
    func banned(rule: BannedCall) throws {
        for (path, source) in Self.sources where rule.holds(in: path) {
            let lines = try rule.lines(in: source)
            #expect(
                lines.isEmpty, "\(path):\(lines.map(String.init).joined(separator: ",")): \(rule.name). \(rule.reason)")
        }
    }

    @Test("Every rule on the list finds what it bans, and not where it is quoted", arguments: BannedCall.all)
    func findsItsExample(rule: BannedCall) throws {
        #expect(try rule.lines(in: ScannedSource("let fine = 1\n" + rule.example)) == [2])
        guard rule.part == .code else { return }
        #expect(try rule.lines(in: ScannedSource("// \(rule.example)")) == [])
        #expect(try rule.lines(in: ScannedSource("let text = #\"\(rule.example)\"#")) == [])
    }

    @Test("Unchecked concurrency stands beside a comment that proves it safe")
    func uncheckedIsProven() throws {
        for (path, source) in Self.sources {
            let comments = source.comments.split(separator: "\n", omittingEmptySubsequences: false)
            for (index, line) in source.code.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                let near = comments[max(0, index - 6)...index]
                #expect(near.contains { $0.contains(where: { !$0.isWhitespace }) }, "\(path):\(index + 1)")
            }
        }
    }

    @Test("No file is over 500 lines without a reason")
    func fileLength() throws {
        for (path, source) in Self.sources where Self.longFiles[path] == nil {
            let lines = source.code.utf8.count { $0 == UInt8(ascii: "\n") }
            #expect(lines <= Self.lineLimit, "\(path) has \(lines) lines")
        }
    }

    @Test("A file taken apart keeps its lines, and its strings and comments apart")
    func scanning() {
        let source = ScannedSource(
            """
            let a = "b // c \\(d("e")) f" // g
            let h = #"i " \\j"# /* k /* l */
            m */ let n = \"""
              o "p" q
              \"""
            """)
        #expect(source.code.filter { !$0.isWhitespace } == ##"leta="\(d(""))"leth=#""#letn="""""""##)
        #expect(source.strings.filter { !$0.isWhitespace } == #"b//cefi"\jo"p"q"#)
        #expect(source.comments.filter { !$0.isWhitespace } == "//g/*k/*l*/m*/")
        #expect(source.code.count { $0 == "\n" } == 4)
    }
}
