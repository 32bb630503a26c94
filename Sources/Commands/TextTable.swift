/// Aligned columns for people. Numbers go to the right; the last column may be as long as it likes.
struct TextTable {
    enum Alignment { case left, right }

    struct Column {
        let title: String
        let alignment: Alignment

        static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }
        static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
    }

    let columns: [Column]
    /// Each with as many cells as there are columns; fewer are filled up with empty ones.
    var rows: [[StyledText]] = []
    /// Shown instead of a table without rows.
    var whenEmpty: String = ""

    init(_ columns: [Column], rows: [[StyledText]] = [], whenEmpty: String = "") {
        self.columns = columns
        self.rows = rows
        self.whenEmpty = whenEmpty
    }

    func text(color: Bool) -> String {
        if rows.isEmpty { return whenEmpty }
        let header = columns.map { StyledText($0.title.uppercased(), .dim) }
        let lines =
            [header]
            + rows.map { row in
                columns.indices.map { row.indices.contains($0) ? row[$0] : StyledText("") }
            }
        let widths = columns.indices.map { column in lines.map { $0[column].text.count }.max() ?? 0 }
        return lines.map { line in
            var parts: [String] = []
            for (index, cell) in line.enumerated() {
                let padding = String(repeating: " ", count: widths[index] - cell.text.count)
                let shown = cell.rendered(color: color)
                switch columns[index].alignment {
                case .right: parts.append(padding + shown)
                case .left: parts.append(index == line.count - 1 ? shown : shown + padding)
                }
            }
            return parts.joined(separator: "  ").trimmingTrailingSpaces()
        }.joined(separator: "\n")
    }
}

extension String {
    fileprivate func trimmingTrailingSpaces() -> String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
