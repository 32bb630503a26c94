import Yams

/// Turns a file's text into a tree a document, within the limits of `FileLimits`; the only place that knows Yams.
///
/// It composes, never loads: `Yams.load` expands aliases into values, and takes gigabytes for a few hundred bytes.
struct YAMLReader {
    private(set) var log: FaultLog
    private var nodes = 0
    private var masks = DuplicateKeyMask()

    private let index: Int

    private init(_ source: SourceText, index: Int) {
        log = FaultLog(source: source)
        self.index = index
    }

    /// - Parameter index: Of the file, in the positions of what is read; see `Position`.
    /// - Returns: The documents up to the first that is not YAML, empty ones left out, and what is wrong with the text.
    static func read(_ source: SourceText, index: Int = 0) -> (documents: [YAMLNode], log: FaultLog) {
        var reader = YAMLReader(source, index: index)
        guard reader.isWithinLimits() else { return ([], reader.log) }
        return (reader.documents(), reader.log)
    }

    private mutating func isWithinLimits() -> Bool {
        let bytes = Array(log.source.text.utf8)
        let scan = StructureScan(bytes)
        if scan.indicators > FileLimits.indicators {
            reportTooManyNodes(at: .start)
            return false
        }
        if let first = scan.firstComplexKey, scan.aliases > 0 || scan.complexKeys > FileLimits.complexKeys {
            log.error(
                .unsupportedYAML, at: log.source.position(ofByte: first),
                "a key that is a list, a mapping or an alias",
                expected: "keys that are plain words", help: "remove it, or the aliases ('*name') of this file")
            return false
        }
        return true
    }

    private mutating func reportTooManyNodes(at position: Position) {
        log.error(
            .tooManyNodes, at: position,
            "the file holds more than \(FileLimits.nodes) values, aliases counted as often as they are used",
            help: "split it into several files")
    }

    private mutating func documents() -> [YAMLNode] {
        let roots = compose()
        var documents: [YAMLNode] = []
        for root in roots {
            guard let document = convert(root, depth: 1) else { break }
            if !document.isNull { documents.append(document) }
        }
        return documents
    }

    /// Parses; where a key is repeated, which the parser gives up on, parses again with that key made unique.
    private mutating func compose() -> [Node] {
        var text = log.source.text
        for _ in 0..<FileLimits.duplicateRounds {
            var roots: [Node] = []
            do {
                let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
                while let root = try parser.nextRoot() { roots.append(root) }
                return roots
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                let position = Position(line: context.mark.line, column: context.mark.column)
                guard let masked = masks.masking(keyAt: position, in: SourceText(file: "", text: text)) else {
                    log.error(
                        .duplicateKey, at: position, "a key is given twice", expected: "each key once in a mapping")
                    return roots
                }
                text = masked
            } catch {
                report(error)
                return roots
            }
        }
        log.error(.duplicateKey, at: .start, "very many keys are given twice", expected: "each key once in a mapping")
        return []
    }

    /// - Returns: `nil` when a limit is exceeded, which ends the file.
    private mutating func convert(_ node: Node, depth: Int) -> YAMLNode? {
        let position = node.mark.map { Position(source: index, line: $0.line, column: $0.column) } ?? .start
        nodes += 1
        guard nodes <= FileLimits.nodes else {
            reportTooManyNodes(at: position)
            return nil
        }
        guard depth <= FileLimits.depth else {
            reportTooDeep(at: position)
            return nil
        }
        switch node {
        case .scalar(let scalar):
            let style: YAMLNode.Style = scalar.style == .plain ? .plain : .quoted
            return YAMLNode(
                content: .scalar(
                    masks.unmasked(scalar.string, at: Position(line: position.line, column: position.column)), style),
                position: position,
                tag: Self.explicit(scalar.tag))
        case .sequence(let sequence):
            var items: [YAMLNode] = []
            for item in sequence {
                guard let item = convert(item, depth: depth + 1) else { return nil }
                items.append(item)
            }
            return YAMLNode(content: .sequence(items), position: position, tag: Self.explicit(sequence.tag))
        case .mapping(let mapping):
            var entries: [YAMLNode.Entry] = []
            for (key, value) in mapping {
                guard let key = convert(key, depth: depth + 1), let value = convert(value, depth: depth + 1)
                else { return nil }
                entries.append(YAMLNode.Entry(key: key, value: value))
            }
            return YAMLNode(content: .mapping(entries), position: position, tag: Self.explicit(mapping.tag))
        case .alias:
            // Composing replaces aliases by what they stand for; only encoding makes these.
            return YAMLNode(content: .scalar("", .plain), position: position, tag: nil)
        }
    }

    /// A tag that changes what the text means. Those of text, list and mapping change nothing, and the parser itself
    /// gives them to keys when it looks for repeated ones.
    private static func explicit(_ tag: Tag) -> String? {
        let harmless = ["", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"]
        return harmless.contains(tag.description) ? nil : tag.description
    }

    private mutating func reportTooDeep(at position: Position) {
        log.error(.tooDeep, at: position, "values are nested more than \(FileLimits.depth) levels deep")
    }
}

// MARK: - What the parser says

extension YAMLReader {
    private mutating func report(_ error: any Error) {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            report(
                context.map { ($0.text, $0.mark.line) }, problem: problem,
                at: Position(line: mark.line, column: mark.column))
        case YamlError.reader(let problem, _, _, _):
            let bad = log.source.text.unicodeScalars.firstIndex { !Self.isAllowed($0) }
            let offset = bad.map { log.source.text.utf8.distance(from: log.source.text.startIndex, to: $0) } ?? 0
            log.error(.invalidYAML, at: log.source.position(ofByte: offset), "not YAML: \(problem)")
        default:
            log.error(.invalidYAML, at: .start, "not YAML: \(error)")
        }
    }

    /// - Parameter context: What the parser was doing, and the line on which that began.
    private mutating func report(_ context: (text: String, line: Int)?, problem: String, at position: Position) {
        if problem.contains("nesting level") || problem.contains("maximum depth") {
            reportTooDeep(at: position)
            return
        }
        var message = "not YAML: \(problem)"
        if let context {
            message =
                "not YAML: \(context.text)"
                + (context.line < position.line ? " that begins on line \(context.line)" : "") + ", \(problem)"
        }
        let help = help(context: context?.text ?? "", problem: problem, at: position)
        log.error(.invalidYAML, at: position, message, help: help)
    }

    /// The usual reasons behind the parser's words.
    private func help(context: String, problem: String, at position: Position) -> String? {
        let first = log.source.rest(at: position).first
        if context.contains("alias") || log.source.rest(at: position.before).first == "*" {
            return "a '*' that stands for itself needs quotes: \"*\""
        }
        if problem.contains("undefined alias") {
            return "a text that begins with '*' needs quotes"
        }
        if problem.contains("mapping values are not allowed") {
            return "a text with ': ' in it needs quotes; else look at the indentation"
        }
        switch first {
        case "\t": return "indent with spaces; YAML allows no tabs there"
        case "{" where context.contains("flow"): return "a text with '{' in it needs quotes within [ ] and { }"
        case "@", "`", "%", "|", ">": return first.map { "a text that begins with '\($0)' needs quotes" }
        default: return nil
        }
    }

    /// The characters that YAML allows in a file.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a, 0x0d, 0x20...0x7e, 0x85, 0xa0...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff:
            scalar.value != 0xfeff
        default: false
        }
    }
}
