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
