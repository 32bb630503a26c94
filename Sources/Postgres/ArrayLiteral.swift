/// Reads the text form of one-dimensional arrays, such as `{a,"b \"c\""}`.
enum ArrayLiteral {
    /// The elements' texts; `nil` for NULL elements, further dimensions, explicit bounds, or anything malformed.
    static func parse(_ literal: String) -> [String]? {
        let bytes = Array(literal.utf8)
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "{"), bytes.last == UInt8(ascii: "}") else { return nil }
        var elements: [String] = []
        var position = 1
        let end = bytes.count - 1
        guard position < end else { return elements }
        while true {
            guard let element = parseElement(bytes, &position, end) else { return nil }
            elements.append(element)
            if position == end { return elements }
            guard bytes[position] == UInt8(ascii: ",") else { return nil }
            position += 1
        }
    }

    private static func parseElement(_ bytes: [UInt8], _ position: inout Int, _ end: Int) -> String? {
        guard position < end else { return nil }
        if bytes[position] == UInt8(ascii: "\"") { return parseQuoted(bytes, &position, end) }
        let start = position
        while position < end, bytes[position] != UInt8(ascii: ",") {
            // An unquoted brace opens another dimension.
            if bytes[position] == UInt8(ascii: "{") || bytes[position] == UInt8(ascii: "}") { return nil }
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return text.isEmpty || text == "NULL" ? nil : text
    }

    private static func parseQuoted(_ bytes: [UInt8], _ position: inout Int, _ end: Int) -> String? {
        position += 1
        var content: [UInt8] = []
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard position + 1 < end else { return nil }
                content.append(bytes[position + 1])
                position += 2
            default:
                content.append(bytes[position])
                position += 1
            }
        }
        return nil
    }
}
