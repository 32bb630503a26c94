import Resources

extension DocumentDecoder {
    /// The scalar's text as written: `no` is the word no, `012` is three characters.
    mutating func plainText(_ node: YAMLNode, key: String, expected: String = "a text") -> String? {
        guard isUntagged(node) else { return nil }
        guard case .scalar(let text, _) = node.content else {
            log.error(.wrongType, at: node.position, "'\(key)' is \(node.kind)", expected: expected)
            return nil
        }
        guard !node.isNull else {
            log.error(.missingValue, at: node.position, "'\(key)' has no value", expected: expected)
            return nil
        }
        return text
    }

    /// A tag asks for a reading that differs from the text, as `!!binary` does.
    private mutating func isUntagged(_ node: YAMLNode) -> Bool {
        guard let tag = node.tag else { return true }
        let short = tag.replacing("tag:yaml.org,2002:", with: "!!")
        log.error(
            .unsupportedYAML, at: node.position, "the YAML tag \(quoted(short)) is not supported",
            help: "remove the tag; every value is read as it is written")
        return false
    }

    mutating func mapping(_ node: YAMLNode, _ what: String, expected: String) -> [YAMLNode.Entry]? {
        guard isUntagged(node) else { return nil }
        guard case .mapping(let entries) = node.content else {
            log.error(.wrongType, at: node.position, "\(what) is \(node.kind)", expected: expected)
            return nil
        }
        return entries
    }

    /// - Parameter limit: Of the list's length; what is done with a list may cost its square.
    mutating func list(_ node: YAMLNode, key: String, of items: String, limit: Int) -> [YAMLNode]? {
        guard isUntagged(node) else { return nil }
        guard case .sequence(let nodes) = node.content else {
            var help: String?
            if case .scalar(let text, _) = node.content, !node.isNull {
                help = "write it as a list: [\(text.prefix(60))]"
            }
            log.error(
                .wrongType, at: node.position, "'\(key)' is \(node.kind)", expected: "a list of \(items)", help: help)
            return nil
        }
        guard nodes.count <= limit else {
            log.error(
                .tooManyValues, at: node.position, "'\(key)' has \(nodes.count) entries", expected: "at most \(limit)")
            return nil
        }
        return nodes
    }

    /// A text without control characters, of 1 to `maxBytes` bytes in UTF-8.
    mutating func text(_ node: YAMLNode, key: String, maxBytes: Int) -> String? {
        guard let text = plainText(node, key: key) else { return nil }
        guard (1...maxBytes).contains(text.utf8.count), text.unicodeScalars.allSatisfy({ !Self.isControl($0) }) else {
            log.error(
                .invalidValue, at: node.position, "'\(key)' can't be \(quoted(text))",
                expected: "1 to \(maxBytes) bytes without control characters")
            return nil
        }
        return text
    }

    static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }

    mutating func name<Name: ValidatedName>(_ type: Name.Type, _ node: YAMLNode, key: String) -> Located<Name>? {
        guard let text = plainText(node, key: key, expected: Name.expectation) else { return nil }
        guard let name = Name(rawValue: text) else {
            let lower = text.lowercased().replacing("_", with: "-")
            log.error(
                .invalidValue, at: node.position, "\(quoted(text)) is not a valid \(Name.kind) name",
                expected: Name.expectation, help: Name.isValid(lower) ? "did you mean '\(lower)'?" : nil)
            return nil
        }
        return Located(value: name, position: node.position)
    }

    mutating func interval(_ node: YAMLNode, key: String, in range: ClosedRange<Interval>) -> Interval? {
        let expected = "a length of time from \(range.lowerBound) to \(range.upperBound), such as 250ms, 2s or 1m30s"
        guard let text = plainText(node, key: key, expected: expected) else { return nil }
        guard let interval = Interval(parsing: text), range.contains(interval) else {
            let isNumber = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            log.error(
                .invalidValue, at: node.position, "'\(key)' can't be \(quoted(text))", expected: expected,
                help: isNumber
                    ? "the unit is missing: did you mean '\(text.prefix(20))ms' or '\(text.prefix(20))s'?" : nil)
            return nil
        }
        return interval
    }

    /// A whole number in decimal digits: no sign, no leading zero, no `0x`, no `_`, which YAML's versions read
    /// differently.
    mutating func integer(_ node: YAMLNode, key: String, in range: ClosedRange<Int>) -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = plainText(node, key: key, expected: expected) else { return nil }
        let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) } && (text == "0" || !text.hasPrefix("0"))
        guard isDecimal, let value = Int(text), range.contains(value) else {
            log.error(.invalidValue, at: node.position, "'\(key)' can't be \(quoted(text))", expected: expected)
            return nil
        }
        return value
    }

    /// A percentage, read from its digits; never a floating-point number.
    mutating func share(_ node: YAMLNode, key: String, or word: String? = nil) -> Share? {
        let expected =
            "a percentage from 0 to 100 in steps of 0.01, such as 10, 12.5 or 5%" + (word.map { ", or \($0)" } ?? "")
        guard let text = plainText(node, key: key, expected: expected) else { return nil }
        let isOctalLike = text.hasPrefix("0") && text.dropFirst().first?.isNumber == true
        guard !isOctalLike, let share = Share(parsing: text) else {
            log.error(
                .invalidValue, at: node.position, "'\(key)' can't be \(quoted(text))", expected: expected,
                help: Self.shareHelp(text, word: word))
            return nil
        }
        return share
    }

    private static func shareHelp(_ text: String, word: String?) -> String? {
        if let word, let nearMiss = NearMiss.suggestion(for: text, among: [word]) {
            return "did you mean '\(nearMiss)'?"
        }
        let compact = text.filter { $0 != " " }.replacing(",", with: ".")
        let trimmed = compact.drop { $0 == "0" }
        for candidate in [compact, "0" + compact, String(trimmed)] where candidate != text {
            let isOctalLike = candidate.hasPrefix("0") && candidate.dropFirst().first?.isNumber == true
            if !isOctalLike, Share(parsing: candidate) != nil { return "did you mean '\(candidate)'?" }
        }
        return nil
    }

    /// One of a few words.
    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ type: Word.Type, _ node: YAMLNode, key: String
    ) -> Word? {
        let words = Word.allCases.map(\.rawValue)
        guard let text = plainText(node, key: key, expected: alternatives(words)) else { return nil }
        guard let word = Word(rawValue: text) else {
            log.error(
                .invalidValue, at: node.position, "'\(key)' can't hold \(quoted(text))", expected: alternatives(words),
                help: NearMiss.suggestion(for: text, among: words).map { "did you mean '\($0)'?" })
            return nil
        }
        return word
    }
}
