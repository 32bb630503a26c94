/// An element of an array parameter or column. `[UInt8]` is a `bytea`, every other array a one-dimensional SQL array.
package protocol PostgresArrayElement: Sendable {
    static func encodeArray(_ elements: [Self]) throws(PostgresError) -> PostgresValue
    static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self]
}

/// An element with a text form that an array literal can quote.
package protocol PostgresTextElement: PostgresArrayElement {
    func elementText() throws(PostgresError) -> String
    init?(elementText: String)
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    package func encodePostgres() throws(PostgresError) -> PostgresValue { try Element.encodeArray(self) }
}

extension Array: PostgresDecodable where Element: PostgresArrayElement {
    package static func decodePostgres(_ cell: PostgresCell) throws(PostgresError) -> [Element] {
        try Element.decodeArray(cell)
    }
}

extension PostgresTextElement {
    package static func encodeArray(_ elements: [Self]) throws(PostgresError) -> PostgresValue {
        var literal = "{"
        for (index, element) in elements.enumerated() {
            if index > 0 { literal += "," }
            literal += "\""
            for character in try element.elementText().unicodeScalars {
                if character == "\"" || character == "\\" { literal += "\\" }
                literal.unicodeScalars.append(character)
            }
            literal += "\""
        }
        return .text(literal + "}")
    }

    package static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [Self] {
        guard let texts = ArrayLiteral.parse(cell.text) else { throw cell.undecodable(as: "[\(Self.self)]") }
        var elements: [Self] = []
        elements.reserveCapacity(texts.count)
        for text in texts {
            guard let element = Self(elementText: text) else { throw cell.undecodable(as: "[\(Self.self)]") }
            elements.append(element)
        }
        return elements
    }
}

extension String: PostgresTextElement {
    package func elementText() throws(PostgresError) -> String {
        _ = try encodePostgres()
        return self
    }

    package init?(elementText: String) { self = elementText }
}

extension PostgresTextElement where Self: FixedWidthInteger & SignedInteger {
    package func elementText() throws(PostgresError) -> String { String(self) }

    package init?(elementText: String) { self.init(elementText) }
}

extension Int: PostgresTextElement {}
extension Int32: PostgresTextElement {}
extension Int64: PostgresTextElement {}

extension Double: PostgresTextElement {
    package func elementText() throws(PostgresError) -> String { description }

    package init?(elementText: String) { self.init(elementText) }
}
