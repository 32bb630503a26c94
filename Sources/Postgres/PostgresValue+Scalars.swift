internal import Glibc

extension Bool: PostgresEncodable, PostgresDecodable {
    package func encodePostgres() throws(PostgresError) -> PostgresValue { .text(self ? "t" : "f") }

    package static func decodePostgres(_ cell: PostgresCell) throws(PostgresError) -> Bool {
        switch cell.text {
        case "t": true
        case "f": false
        default: throw cell.undecodable(as: "Bool")
        }
    }
}

extension String: PostgresEncodable, PostgresDecodable {
    package func encodePostgres() throws(PostgresError) -> PostgresValue {
        // libpq would cut the value at the NUL without a word.
        guard !holdsNUL else {
            throw PostgresError(.invalidParameter, "a text parameter holds a NUL character")
        }
        return .text(self)
    }

    /// A plan of a thousand endpoints is megabytes of text, hence not byte by byte.
    private var holdsNUL: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? utf8.contains(0)
    }

    package static func decodePostgres(_ cell: PostgresCell) throws(PostgresError) -> String { cell.text }
}

extension Double: PostgresEncodable, PostgresDecodable {
    package func encodePostgres() throws(PostgresError) -> PostgresValue { .text(description) }

    package static func decodePostgres(_ cell: PostgresCell) throws(PostgresError) -> Double {
        guard let value = Double(cell.text) else { throw cell.undecodable(as: "Double") }
        return value
    }
}

extension PostgresEncodable where Self: FixedWidthInteger & SignedInteger {
    package func encodePostgres() throws(PostgresError) -> PostgresValue { .text(String(self)) }
}

extension PostgresDecodable where Self: FixedWidthInteger & SignedInteger {
    package static func decodePostgres(_ cell: PostgresCell) throws(PostgresError) -> Self {
        guard let value = Self(cell.text) else { throw cell.undecodable(as: "\(Self.self)") }
        return value
    }
}

extension Int: PostgresEncodable, PostgresDecodable {}
extension Int16: PostgresEncodable, PostgresDecodable {}
extension Int32: PostgresEncodable, PostgresDecodable {}
extension Int64: PostgresEncodable, PostgresDecodable {}
