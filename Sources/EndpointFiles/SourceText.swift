/// A file's name and text, cut into the lines that YAML sees.
struct SourceText: Sendable {
    let file: String
    let text: String
    private let lines: [Substring.UnicodeScalarView]

    init(file: String, text: String) {
        self.file = file
        self.text = text
        self.lines = Self.split(text)
    }

    /// YAML breaks lines where Unicode does: at LF, CR, CR LF, NEL, LS and PS.
    private static func split(_ text: String) -> [Substring.UnicodeScalarView] {
        let scalars = Substring(text).unicodeScalars
        var lines: [Substring.UnicodeScalarView] = []
        var start = scalars.startIndex
        var index = start
        while index < scalars.endIndex {
            let scalar = scalars[index]
            let next = scalars.index(after: index)
            switch scalar {
            case "\r" where next < scalars.endIndex && scalars[next] == "\n":
                break
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                let isPair = scalar == "\n" && index > start && scalars[scalars.index(before: index)] == "\r"
                lines.append(scalars[start..<(isPair ? scalars.index(before: index) : index)])
                start = next
            default: break
            }
            index = next
        }
        lines.append(scalars[start...])
        return lines
    }

    var lineCount: Int { lines.count }

    /// The line's text from `position` on; empty beyond the line's end.
    func rest(at position: Position) -> Substring.UnicodeScalarView {
        guard lines.indices.contains(position.line - 1) else { return Substring().unicodeScalars }
        return lines[position.line - 1].dropFirst(position.column - 1)
    }

    /// Where `position` is in `text`; `nil` beyond the end.
    func index(of position: Position) -> String.Index? {
        guard lines.indices.contains(position.line - 1) else { return nil }
        let line = lines[position.line - 1]
        return line.index(line.startIndex, offsetBy: position.column - 1, limitedBy: line.endIndex)
    }

    /// Where the scalar that begins `offset` bytes into the text stands.
    func position(ofByte offset: Int) -> Position {
        let utf8 = text.utf8
        let target = utf8.index(utf8.startIndex, offsetBy: offset, limitedBy: utf8.endIndex) ?? utf8.endIndex
        let line = lines.lastIndex { $0.startIndex <= target } ?? 0
        let column = lines[line].prefix { _ in true }.indices.count { $0 < target }
        return Position(line: line + 1, column: column + 1)
    }

    /// The line and a caret under the column. A long line is cut to a window around it, control characters are shown
    /// as `·`, so that a file can't write to the reader's terminal.
    func excerpt(at position: Position) -> String {
        guard lines.indices.contains(position.line - 1) else { return "" }
        let line = lines[position.line - 1]
        let width = 110
        let skipped = position.column > width - 10 ? position.column - width / 2 : 0
        let window = line.dropFirst(skipped)
        let shown = window.prefix(width)
        let clean = String(String.UnicodeScalarView(shown.map { Self.printable($0) }))
        let before = skipped > 0 ? "…" : ""
        let after = window.dropFirst(width).isEmpty ? "" : "…"
        let indent = String(repeating: " ", count: before.count + position.column - 1 - skipped)
        return before + clean + after + "\n" + indent + "^"
    }

    static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar == "\t" { return " " }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return "·"
        default: return scalar
        }
    }
}
