/// A YAML value with its position, independent of the parser that found it; aliases are replaced by what they mean.
struct YAMLNode: Sendable {
    enum Style: Sendable {
        case plain
        /// In quotes of either kind, or a block of text.
        case quoted
    }

    struct Entry: Sendable {
        let key: YAMLNode
        let value: YAMLNode
    }

    enum Content: Sendable {
        /// The text as written, never read as a number or a Boolean.
        case scalar(String, Style)
        case sequence([YAMLNode])
        case mapping([Entry])
    }

    let content: Content
    let position: Position
    /// An explicit tag such as `!!binary`.
    let tag: String?

    /// Whether nothing is written, or `~` or `null` without quotes.
    var isNull: Bool {
        guard case .scalar(let text, .plain) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// Whether `null` or `~` stands there: in an overlay, the wish to remove what the endpoint's own file has.
    var isExplicitNull: Bool {
        guard isNull, case .scalar(let text, _) = content else { return false }
        return !text.isEmpty
    }

    /// A scalar's text.
    var text: String? {
        guard case .scalar(let text, _) = content else { return nil }
        return text
    }

    /// The value of a mapping's key.
    func value(_ key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key.text == key }?.value
    }

    /// What it is, for messages.
    var kind: String {
        switch content {
        case .scalar(let text, _): isNull ? "nothing" : quoted(text)
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
