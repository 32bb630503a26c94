/// A Swift file taken apart: its code, the text of its string literals, and its comments.
///
/// Each part has the file's lines, with everything else blanked out, so that a match in any of them knows its line.
struct ScannedSource {
    private(set) var code = ""
    private(set) var strings = ""
    private(set) var comments = ""

    private enum Kind {
        case code
        case string
        case comment
    }

    /// A string literal that has begun: how it ends, and where its interpolations stand.
    private struct Literal {
        var pounds: Int
        var multiline: Bool
        /// Open parentheses of the interpolation that is being read; 0 while the text itself is.
        var depth = 0
    }

    /// The bytes in code after which something else may begin, or an interpolation end.
    private static let special = Set("/\"#()".utf8)

    private let bytes: [UInt8]
    private var position = 0
    private var parts: [[UInt8]] = [[], [], []]
    private var literals: [Literal] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        for index in parts.indices { parts[index].reserveCapacity(bytes.count) }
        while position < bytes.count { step() }
        code = String(decoding: parts[0], as: UTF8.self)
        strings = String(decoding: parts[1], as: UTF8.self)
        comments = String(decoding: parts[2], as: UTF8.self)
    }

    private mutating func step() {
        if let literal = literals.last, literal.depth == 0 {
            stepInLiteral(literal)
        } else {
            stepInCode()
        }
    }

    private mutating func stepInCode() {
        var plain = position
        while plain < bytes.count, !Self.special.contains(bytes[plain]) { plain += 1 }
        if plain > position {
            take(plain - position, as: .code)
        } else if at("//") {
            let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            take(end - position, as: .comment)
        } else if at("/*") {
            takeBlockComment()
        } else if let (pounds, quotes) = literalStart() {
            take(pounds + quotes, as: .code)
            literals.append(Literal(pounds: pounds, multiline: quotes == 3))
        } else {
            let byte = bytes[position]
            take(1, as: .code)
            guard !literals.isEmpty else { return }
            if byte == UInt8(ascii: "(") { literals[literals.count - 1].depth += 1 }
            if byte == UInt8(ascii: ")") { literals[literals.count - 1].depth -= 1 }
        }
    }

    private mutating func stepInLiteral(_ literal: Literal) {
        guard bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "\\") else {
            take(1, as: .string)
            return
        }
        let pounds = String(repeating: "#", count: literal.pounds)
        let end = (literal.multiline ? "\"\"\"" : "\"") + pounds
        if at(end) {
            take(end.utf8.count, as: .code)
            literals.removeLast()
        } else if at("\\" + pounds + "(") {
            take(2 + literal.pounds, as: .code)
            literals[literals.count - 1].depth = 1
        } else if at("\\" + pounds) {
            take(min(2 + literal.pounds, bytes.count - position), as: .string)
        } else {
            take(1, as: .string)
        }
    }

    private mutating func takeBlockComment() {
        var depth = 0
        repeat {
            if at("/*") {
                depth += 1
                take(2, as: .comment)
            } else if at("*/") {
                depth -= 1
                take(2, as: .comment)
            } else {
                take(1, as: .comment)
            }
        } while depth > 0 && position < bytes.count
    }

    /// How many `#` and how many quotes begin a literal here, if one begins.
    private func literalStart() -> (pounds: Int, quotes: Int)? {
        var index = position
        while index < bytes.count, bytes[index] == UInt8(ascii: "#") { index += 1 }
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
        let isTriple = index + 2 < bytes.count && bytes[index + 1] == bytes[index] && bytes[index + 2] == bytes[index]
        return (index - position, isTriple ? 3 : 1)
    }

    private func at(_ text: String) -> Bool {
        let wanted = text.utf8
        return position + wanted.count <= bytes.count
            && wanted.elementsEqual(bytes[position..<position + wanted.count])
    }

    private mutating func take(_ count: Int, as kind: Kind) {
        for byte in bytes[position..<position + count] {
            let isNewline = byte == UInt8(ascii: "\n")
            let blank = isNewline ? byte : UInt8(ascii: " ")
            parts[0].append(kind == .code ? byte : blank)
            parts[1].append(kind == .string ? byte : blank)
            parts[2].append(kind == .comment ? byte : blank)
        }
        position += count
    }
}
