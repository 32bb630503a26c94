internal import Foundation
internal import Postgres
internal import Resources

/// The `jsonb` columns that hold values of the domain.
enum StoredJSON {
    /// Sorted keys: the same value always gives the same text, which is what digests are made of.
    static func text(_ value: some Encodable) throws(TurnoutError) -> String {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw TurnoutError(.internal, "A value can't be stored.", context: "\(error)")
        }
    }
}

extension PostgresRow {
    /// - Throws: `TurnoutError` with code `internal` when the column holds something else.
    func json<Value: Decodable>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        let text = try decode(column, as: String.self)
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw TurnoutError(.internal, "A stored value can't be read.", context: "column \(column): \(error)")
        }
    }

    /// A value of an enumeration, which a CHECK of the schema holds to its cases.
    func choice<Value: RawRepresentable<String>>(_ column: String, as type: Value.Type = Value.self) throws -> Value {
        let text = try decode(column, as: String.self)
        guard let value = Value(rawValue: text) else {
            throw TurnoutError(.internal, "A stored value can't be read.", context: "column \(column): '\(text)'")
        }
        return value
    }
}
