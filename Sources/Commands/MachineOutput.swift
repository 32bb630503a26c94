import Foundation
import Yams

/// Results for programs: the value as it is, keys sorted, no colours.
enum MachineOutput {
    case json
    case yaml

    func text(_ value: some Encodable) throws -> String {
        switch self {
        case .json: try Self.json(value)
        case .yaml: try Self.yaml(value)
        }
    }

    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func yaml(_ value: some Encodable) throws -> String {
        let encoder = YAMLEncoder()
        encoder.options.sortKeys = true
        encoder.options.allowUnicode = true
        let text = try encoder.encode(value)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}

/// A value in machine output, with one more field beside its own.
struct Amended<Value: Encodable, Field: Encodable>: Encodable {
    let value: Value
    let name: String
    let field: Field

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(field, forKey: Key(stringValue: name))
    }
}
