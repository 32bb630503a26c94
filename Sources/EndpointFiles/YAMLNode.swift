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

    /// What it is, for messages.
    var kind: String {
        switch content {
        case .scalar(let text, _): isNull ? "nothing" : quoted(text)
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
