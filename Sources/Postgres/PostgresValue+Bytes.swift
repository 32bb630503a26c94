extension UInt8: PostgresArrayElement {
    package static func encodeArray(_ elements: [UInt8]) throws(PostgresError) -> PostgresValue { .binary(elements) }

    package static func decodeArray(_ cell: PostgresCell) throws(PostgresError) -> [UInt8] {
        guard let bytes = cell.withBytes({ decodeHex($0) }) else { throw cell.undecodable(as: "bytea") }
        return bytes
    }

    /// Every session sets `bytea_output` to `hex`: `\x` and two digits a byte.
    private static func decodeHex(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x")
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2 - 1)
        for index in stride(from: 2, to: text.count, by: 2) {
            guard let high = hexDigit(text[index]), let low = hexDigit(text[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func hexDigit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
