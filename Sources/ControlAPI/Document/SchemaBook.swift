import ControlAPITypes
import Foundation
import Resources

/// Collects the schemas of wire types. What fields there are, of which type, and which may be missing comes from the
/// types' own decoders, so that schema and code can't disagree; the words come from `Described`.
final class SchemaBook {
    /// By the type's name on the wire: `Model`, `ModelPage`.
    private(set) var components: [String: JSONTree] = [:]
    /// What the document lacks: types and fields without words. Tests demand that there is nothing.
    private(set) var gaps: [String] = []

    private var samples: [String: Any] = [:]

    /// A schema for a type, by reference where it has fields, and a value of it for examples.
    func describe<Value: Decodable>(_ type: Value.Type) throws -> (schema: JSONTree, sample: Value) {
        let found: (schema: JSONTree, sample: Any) =
            switch type {
            case let leaf as any SchemaLeaf.Type: (leaf.schema, try leaf.sample)
            case let nested as any SchemaNesting.Type: try nested.describe(in: self)
            default: try component(type)
            }
        guard let sample = found.sample as? Value else { throw SchemaFault("\(type) has a sample of another type") }
        return (found.schema, sample)
    }

    /// What is sent for an example of this type.
    func example<Value: Codable>(_ type: Value.Type) throws -> JSONTree {
        let data = try WireJSON.encoder().encode(describe(type).sample)
        return try JSONDecoder().decode(JSONTree.self, from: data)
    }

    private func component<Value: Decodable>(_ type: Value.Type) throws -> (JSONTree, Any) {
        let name = Self.name(of: type)
        let reference: JSONTree = ["$ref": .string("#/components/schemas/\(name)")]
        if let sample = samples[name] { return (reference, sample) }
        let described = type as? any Described.Type
        let probe = SchemaProbe(book: self, notes: described?.notes ?? [:])
        let sample = try Value(from: probe)
        guard !probe.fields.isEmpty || described != nil else {
            throw SchemaFault("\(type) is neither a leaf nor has it fields")
        }
        var properties: [String: JSONTree] = [:]
        for (field, schema) in probe.fields {
            guard let note = described?.notes[field] else {
                gaps.append("\(name).\(field) has no words")
                properties[field] = schema
                continue
            }
            properties[field] = Self.annotate(schema, note)
        }
        if described == nil { gaps.append("\(name) has no words") }
        for unknown in Set(described?.notes.keys.map { $0 } ?? []).subtracting(probe.fields.keys).sorted() {
            gaps.append("\(name) has no field \(unknown)")
        }
        var schema: JSONTree = [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
            "description": .string(described?.about ?? name),
        ]
        if !probe.required.isEmpty {
            schema = schema.merging(["required": .array(probe.required.sorted().map { .string($0) })])
        }
        components[name] = schema
        samples[name] = sample
        return (reference, sample)
    }

    /// Words and rules over a field's schema. A reference keeps its own; in 3.1 both may stand side by side.
    private static func annotate(_ schema: JSONTree, _ note: FieldNote) -> JSONTree {
        var words: JSONTree = ["description": .string(note.text)]
        if let example = note.example { words = words.merging(["examples": [example]]) }
        guard case .array(let choices)? = schema["anyOf"], let first = choices.first else {
            return schema.merging(words).merging(note.rules)
        }
        // The rules are the value's, not those of its absence.
        return JSONTree.object(["anyOf": .array([first.merging(note.rules)] + choices.dropFirst())]).merging(words)
    }

    static func name(of type: Any.Type) -> String {
        if let page = type as? any PageNaming.Type { return "\(name(of: page.itemType))Page" }
        // `Resources.EndpointStatus.Waiting` is `EndpointStatusWaiting` on the wire.
        return String(reflecting: type).split(separator: ".").dropFirst().joined()
    }
}

struct SchemaFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A type that holds others: optional, list, dictionary.
protocol SchemaNesting {
    static func describe(in book: SchemaBook) throws -> (schema: JSONTree, sample: Any)
}

extension Optional: SchemaNesting where Wrapped: Decodable {
    static func describe(in book: SchemaBook) throws -> (schema: JSONTree, sample: Any) {
        let wrapped = try book.describe(Wrapped.self)
        return (["anyOf": [wrapped.schema, ["type": "null"]]], Optional.some(wrapped.sample) as Any)
    }
}

extension Array: SchemaNesting where Element: Decodable {
    static func describe(in book: SchemaBook) throws -> (schema: JSONTree, sample: Any) {
        let element = try book.describe(Element.self)
        return (["type": "array", "items": element.schema], [element.sample])
    }
}

extension Dictionary: SchemaNesting where Key: Decodable, Value: Decodable {
    static func describe(in book: SchemaBook) throws -> (schema: JSONTree, sample: Any) {
        let (key, value) = (try book.describe(Key.self), try book.describe(Value.self))
        var schema: JSONTree = ["type": "object", "additionalProperties": value.schema]
        if Key.self != String.self { schema = schema.merging(["propertyNames": key.schema]) }
        return (schema, [key.sample: value.sample])
    }
}

/// A page of a list is named after its items.
private protocol PageNaming {
    static var itemType: Any.Type { get }
}

extension Page: PageNaming {
    static var itemType: Any.Type { Item.self }
}
