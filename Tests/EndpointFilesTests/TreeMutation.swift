@testable import EndpointFiles

/// Changes a document's tree at random: values, keys, lists. The same seed makes the same mutants.
struct TreeMutation {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private static let scalars: [String] = [
        "", "null", "~", "true", "False", "no", "on", "0", "1", "10", "100", "101", "010", "0x10", "1e1", "12.5",
        "12.345",
        "100.01", "0.5", ".5", "5.", "-1", "+1", "1_0", "503", "5%", "100%", "12.50%", "100.001%", "-5%", "rest",
        "Rest",
        "random", "reject", "champion", "challenger", "Champion", "a", "-a", "a-", "a.b", "a b", " a", "é", "😀", "a\tb",
        "a\u{1}b", "a\nb", "a\n", String(repeating: "a", count: 63), String(repeating: "a", count: 64),
        String(repeating: "a", count: 255), String(repeating: "a", count: 256), String(repeating: "é", count: 200),
        "fraud/12", "fraud/0", "fraud/012", "fraud", "fraud/x", "fraud@champion", "fraud@latest", "fraud@v1", "fraud@",
        "models:/fraud/1", "models:/fraud@a", "models://fraud/1", "my model/3", " fraud/1", "1h", "250ms", "61m", "0ms",
        "1d", "1m1h", "1h30m", "30", "1.5s", "1H", "http://a:1", "http://a:1/", "http://a/b", "https://a", "a:1",
        "http://a:0", "http://a:99999", "http://[::1]:80", "http://[::1", "http://{version}:80", "http://{x}",
        "http://{version", "http://a:{version}", "http://a b", "http://", "x-id", "X-Id", "x id", "x:y", "/path",
        "path",
        "/a#b", "/", "/é", "connect", "timeout", "*", "a.example.com", "-a.example.com", "a..b", "turnout/v1",
        "turnout/v2", "Endpoint", "Overlay", "overlay", "fraud",
    ]

    private static let keys: [String] =
        Array(Set(KeyTable.all.flatMap(\.keys))).sorted() + ["remove", "json", "<<", "x"]

    /// Values that a key may have, so that mutants are not all bad.
    private static let fitting = Dictionary(
        (KeyTable.all + [.overlayVariant]).flatMap(\.entries).map { ($0.name, $0.examples) }, uniquingKeysWith: +
    ).filter { !$0.value.isEmpty }

    mutating func mutant(of document: YAMLNode) -> YAMLNode {
        var mutant = document
        for _ in 0..<(Int.random(in: 0..<4, using: &generator) == 0 ? 2 : 1) {
            let count = Self.count(mutant)
            var target = Int.random(in: 1..<max(2, count), using: &generator)
            mutant = changed(mutant, key: nil, &target)
        }
        return mutant
    }

    static func count(_ node: YAMLNode) -> Int {
        switch node.content {
        case .scalar: 1
        case .sequence(let items): items.reduce(1) { $0 + count($1) }
        case .mapping(let entries): entries.reduce(1) { $0 + count($1.value) }
        }
    }

    /// The tree with the node changed that is `target` steps on, in the order of writing.
    private mutating func changed(_ node: YAMLNode, key: String?, _ target: inout Int) -> YAMLNode {
        if target == 0 {
            target -= 1
            return replacement(of: node, key: key)
        }
        target -= 1
        switch node.content {
        case .scalar: return node
        case .sequence(var items):
            for index in items.indices where target >= 0 {
                let isHit = target == 0
                let item = changed(items[index], key: key, &target)
                guard isHit else {
                    items[index] = item
                    continue
                }
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: items.remove(at: index)
                case 1: items.insert(items[index], at: index)
                default: items[index] = item
                }
                break
            }
            return YAMLNode(content: .sequence(items), position: node.position, tag: node.tag)
        case .mapping(var entries):
            for index in entries.indices where target >= 0 {
                let isHit = target == 0
                let value = changed(entries[index].value, key: entries[index].key.text, &target)
                let key = entries[index].key
                entries[index] = YAMLNode.Entry(key: key, value: value)
                guard isHit else { continue }
                switch Int.random(in: 0..<8, using: &generator) {
                case 0, 1: entries.remove(at: index)
                case 2:
                    let word = Self.keys.randomElement(using: &generator) ?? "x"
                    let isTaken = entries.contains { $0.key.text == word }
                    if !isTaken { entries[index] = YAMLNode.Entry(key: scalar(word, at: key), value: value) }
                default: break
                }
                break
            }
            return YAMLNode(content: .mapping(entries), position: node.position, tag: node.tag)
        }
    }

    private mutating func replacement(of node: YAMLNode, key: String?) -> YAMLNode {
        if let key, let fitting = Self.fitting[key], Int.random(in: 0..<3, using: &generator) > 0 {
            return scalar(fitting.randomElement(using: &generator) ?? "", at: node)
        }
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: return YAMLNode(content: .sequence([node]), position: node.position, tag: nil)
        case 1:
            let key = scalar(Self.keys.randomElement(using: &generator) ?? "x", at: node)
            return YAMLNode(content: .mapping([.init(key: key, value: node)]), position: node.position, tag: nil)
        case 2: return YAMLNode(content: .sequence([]), position: node.position, tag: nil)
        case 3: return YAMLNode(content: .mapping([]), position: node.position, tag: nil)
        default: return scalar(Self.scalars.randomElement(using: &generator) ?? "", at: node)
        }
    }

    private mutating func scalar(_ text: String, at node: YAMLNode) -> YAMLNode {
        let isPlain = Bool.random(using: &generator)
        return YAMLNode(content: .scalar(text, isPlain ? .plain : .quoted), position: node.position, tag: nil)
    }
}
