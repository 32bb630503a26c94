import Foundation

/// One message of the corpus, and what must become of it. The files say how they are written: `Corpus/README.md`.
struct WireCase: CustomStringConvertible {
    var file: String
    var name: String
    /// What the client sends, in as many writes.
    var sends: [[UInt8]] = []
    /// What the scorers get, whole: nothing, where the file says nothing.
    var forwarded: [UInt8] = []
    /// What the scorer answers, in as many writes.
    var answers: [[UInt8]] = []
    /// What it answers once the client got something of that.
    var heldAnswers: [[UInt8]] = []
    var ending = RecordingScorer.Ending.stays
    /// Statuses, or codes of Turnout's own answers, in order; `none` for a connection that ends without an answer, `cut`
    /// for one that is reset within an answer.
    var verdicts: [String] = []
    var staysOpen = false
    /// What the client gets, where the case says it.
    var received: [UInt8]?

    var description: String { "\(file): \(name)" }

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// Every case of a file, families unfolded.
    static func load(_ file: String) throws -> [WireCase] {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Corpus/\(file)")
        var cases: [WireCase] = []
        var block: [Substring] = []
        for line in try String(contentsOf: url, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if line.hasPrefix("== ") {
                try cases += unfold(block, file)
                block = [line]
            } else if !line.isEmpty, !line.hasPrefix("#") {
                block.append(line)
            }
        }
        return try cases + unfold(block, file)
    }

    /// `{each 00-1f 7f}` makes a case of each byte.
    private static func unfold(_ block: [Substring], _ file: String) throws -> [WireCase] {
        guard let title = block.first else { return [] }
        let text = block.joined(separator: "\n")
        guard let start = text.firstRange(of: "{each "), let end = text[start.upperBound...].firstIndex(of: "}") else {
            return [try WireCase(title, block.dropFirst(), file)]
        }
        let family = text[start.lowerBound...end]
        var bytes: [UInt8] = []
        for part in text[start.upperBound..<end].split(separator: " ") {
            let bounds = part.split(separator: "-").compactMap { UInt8($0, radix: 16) }
            guard let first = bounds.first, let last = bounds.last else {
                throw Malformed(description: "\(title): bad family \(family)")
            }
            bytes += first...last
        }
        return try bytes.map { byte in
            let hex = String(byte, radix: 16)
            let escape = "\\x" + (byte < 16 ? "0" : "") + hex
            let lines = block.dropFirst().map { Substring($0.replacing(family, with: escape)) }
            return try WireCase("\(title), byte \(hex)", lines[...], file)
        }
    }

    private init(_ title: some StringProtocol, _ lines: ArraySlice<Substring>, _ file: String) throws {
        self.file = file
        name = String(title.dropFirst(3))
        var isNewWrite = true
        for line in lines {
            let mark = line.prefix { $0 != " " }
            let text = line.dropFirst(mark.count + 1)
            switch mark {
            case ">", ">>":
                if isNewWrite || mark == ">>" { sends.append([]) }
                isNewWrite = false
                sends[sends.count - 1] += try Self.bytes(text, title)
            case "<": forwarded += try Self.bytes(text, title)
            case "@": answers.append(try Self.bytes(text, title))
            case "@@": heldAnswers.append(try Self.bytes(text, title))
            case "@closes": ending = .closes
            case "@resets": ending = .resets
            case "+": received = (received ?? []) + (try Self.bytes(text, title))
            case "=":
                let words = text.split(separator: " ").map(String.init)
                guard let fate = words.last, fate == "open" || fate == "close" else {
                    throw Malformed(description: "\(title): open or close?")
                }
                (verdicts, staysOpen) = (words.dropLast(), fate == "open")
            default: throw Malformed(description: "\(title): \(line)")
            }
        }
        guard !verdicts.isEmpty else { throw Malformed(description: "\(title): no verdict") }
    }

    /// What most messages have, and the lines that are compared without what differs each time.
    private static let macros: [Substring: String] = [
        "H": " HTTP/1.1\r\nHost: a\r\n", "F": " HTTP/1.1\r\nx-request-id: ID\r\nHost: a\r\n",
        "id": "x-request-id: ID\r\n",
        "identity": "IDENTITY\r\n",
    ]

    /// `\r \n \t \0 \\ \xHH`, `{N*text}` for repetitions, and the macros.
    private static func bytes(_ text: Substring, _ title: some StringProtocol) throws -> [UInt8] {
        var result: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")) {
                let inside = Substring(rest[..<end])
                rest = rest[rest.index(after: end)...]
                if let text = macros[inside] {
                    result += Array(text.utf8)
                } else {
                    let parts = inside.split(separator: "*", maxSplits: 1)
                    guard parts.count == 2, let count = Int(parts[0]) else {
                        throw Malformed(description: "\(title): {\(inside)}")
                    }
                    let piece = try bytes(parts[1], title)
                    for _ in 0..<count { result += piece }
                }
            } else if byte == UInt8(ascii: "\\") {
                switch rest.popFirst() {
                case UInt8(ascii: "r"): result.append(13)
                case UInt8(ascii: "n"): result.append(10)
                case UInt8(ascii: "t"): result.append(9)
                case UInt8(ascii: "0"): result.append(0)
                case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
                case UInt8(ascii: "{"): result.append(UInt8(ascii: "{"))
                case UInt8(ascii: "x"):
                    guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                        throw Malformed(description: "\(title): a bad \\x")
                    }
                    result.append(value)
                    rest = rest.dropFirst(2)
                default: throw Malformed(description: "\(title): a bad escape")
                }
            } else {
                result.append(byte)
            }
        }
        return result
    }
}
