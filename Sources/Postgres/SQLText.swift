/// Quoting for the few places where SQL takes no parameter.
package enum SQLText {
    /// A quoted identifier, such as a channel's or a database's name.
    package static func identifier(_ name: String) -> String { "\"" + doubled("\"", in: name) + "\"" }

    /// A quoted string.
    package static func literal(_ text: String) -> String { "'" + doubled("'", in: text) + "'" }

    private static func doubled(_ quote: Character, in text: String) -> String {
        String(text.flatMap { $0 == quote ? [$0, $0] : [$0] })
    }
}
