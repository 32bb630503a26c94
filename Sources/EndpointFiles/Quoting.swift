/// `'text'` for a message: cut to 60 characters, control characters shown as `·`.
func quoted(_ text: some StringProtocol) -> String {
    let scalars = text.unicodeScalars
    let shown = String(String.UnicodeScalarView(scalars.prefix(60).map { SourceText.printable($0) }))
    return scalars.dropFirst(60).isEmpty ? "'\(shown)'" : "'\(shown)…'"
}

/// `a, b or c`; of many, the first dozen.
func alternatives(_ words: some Sequence<String>) -> String {
    let words = Array(words)
    guard words.count <= 16 else {
        return words.prefix(12).joined(separator: ", ") + " or one of \(words.count - 12) more"
    }
    guard let last = words.last, words.count > 1 else { return words.first ?? "nothing" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
