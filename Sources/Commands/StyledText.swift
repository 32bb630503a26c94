/// A piece of text with a meaning that a terminal may show as a colour. The text must say it without colours too.
struct StyledText: ExpressibleByStringInterpolation, Sendable {
    enum Style: String, Sendable {
        case plain = ""
        case dim = "2"
        case bold = "1"
        case good = "32"
        case warning = "33"
        case bad = "31"
    }

    let text: String
    let style: Style

    init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }

    init(stringLiteral value: String) { self.init(value) }

    func rendered(color: Bool) -> String {
        guard color, style != .plain else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }
}
