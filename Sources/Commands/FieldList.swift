import Resources

/// One thing shown as its fields, a line each; a value of several lines is indented.
struct FieldList {
    private var fields: [(name: String, value: String)] = []

    /// Leaves out what is absent or empty.
    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        fields.append((name, value))
    }

    var text: String {
        let width = (fields.map(\.name.count).max() ?? 0) + 2
        return fields.map { field in
            let padding = String(repeating: " ", count: width - field.name.count)
            let indented = field.value.split(separator: "\n", omittingEmptySubsequences: false)
                .joined(separator: "\n" + String(repeating: " ", count: width))
            return field.name + padding + indented
        }.joined(separator: "\n")
    }
}

extension Timestamp {
    /// Without fractions of a second: `2026-11-01T10:00:00Z`.
    var seconds: String { description.prefix(19) + "Z" }
}

extension String {
    /// For one line of a table.
    var firstLine: String { split(separator: "\n").first.map(String.init) ?? "" }
}
