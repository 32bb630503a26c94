/// Builds one JSON text piece by piece; commas and escapes are its business, nesting is the caller's.
///
/// Off the request path only: it allocates freely.
struct JSONText {
    private(set) var text = ""
    private var needsComma = false

    mutating func object(_ key: String? = nil, _ fill: (inout JSONText) -> Void) {
        nest(key, "{", "}", fill)
    }

    mutating func array(_ key: String? = nil, _ fill: (inout JSONText) -> Void) {
        nest(key, "[", "]", fill)
    }

    /// Writes `null` for `nil`.
    mutating func string(_ key: String? = nil, _ value: String?) {
        start(key)
        if let value { Self.quote(value, into: &text) } else { text += "null" }
    }

    mutating func number(_ key: String? = nil, _ value: some BinaryInteger) {
        start(key)
        text += String(value)
    }

    /// Writes at most three decimals, which is what shares and seconds need here.
    mutating func decimal(_ key: String? = nil, _ value: Double) {
        start(key)
        let rounded = (value * 1000).rounded() / 1000
        text += rounded.isFinite ? "\(rounded)" : "null"
    }

    mutating func bool(_ key: String? = nil, _ value: Bool) {
        start(key)
        text += value ? "true" : "false"
    }

    private mutating func nest(_ key: String?, _ open: String, _ close: String, _ fill: (inout JSONText) -> Void) {
        start(key)
        text += open
        needsComma = false
        fill(&self)
        text += close
        needsComma = true
    }

    private mutating func start(_ key: String?) {
        if needsComma { text += "," }
        needsComma = true
        guard let key else { return }
        Self.quote(key, into: &text)
        text += ":"
    }

    /// RFC 8259 §7; control characters as `\u00XX`, everything else as it is.
    private static func quote(_ value: String, into text: inout String) {
        text.unicodeScalars.append("\"")
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                text += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text.unicodeScalars.append("\"")
    }
}
