/// A decoder that decodes nothing: it answers samples, and notes which fields a type asks for.
final class SchemaProbe: Decoder {
    private(set) var fields: [String: JSONTree] = [:]
    private(set) var required: Set<String> = []

    private let book: SchemaBook
    private let notes: [String: FieldNote]

    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    init(book: SchemaBook, notes: [String: FieldNote]) {
        self.book = book
        self.notes = notes
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Fields<Key>(probe: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SchemaFault("a list with places needs a leaf of its own")
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        throw SchemaFault("a value without fields needs a leaf of its own")
    }

    private func note<Value: Decodable>(_ type: Value.Type, _ field: String, isRequired: Bool) throws -> Value {
        let described = try book.describe(type)
        fields[field] = isRequired ? described.schema : ["anyOf": [described.schema, ["type": "null"]]]
        if isRequired { required.insert(field) }
        return Self.example(notes[field]?.example, as: type) ?? described.sample
    }

    private static func example<Value>(_ example: JSONTree?, as type: Value.Type) -> Value? {
        switch example {
        case .string(let text): text as? Value
        case .integer(let number): number as? Value ?? Int64(number) as? Value
        case .number(let number): number as? Value
        case .bool(let flag): flag as? Value
        default: nil
        }
    }

    /// A field that is asked for by `decode` must be there; one that is looked for first need not.
    private final class Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
        private let probe: SchemaProbe
        private var lookedFor: Set<String> = []

        let codingPath: [any CodingKey] = []
        let allKeys: [Key] = []

        init(probe: SchemaProbe) { self.probe = probe }

        func contains(_ key: Key) -> Bool {
            lookedFor.insert(key.stringValue)
            return true
        }

        func decodeNil(forKey key: Key) -> Bool {
            lookedFor.insert(key.stringValue)
            return false
        }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            try probe.note(type, key.stringValue, isRequired: !lookedFor.contains(key.stringValue))
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> {
            throw SchemaFault("\(key.stringValue) is decoded by hand: it needs a type of its own")
        }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            throw SchemaFault("\(key.stringValue) is decoded by hand: it needs a type of its own")
        }

        func superDecoder() throws -> any Decoder { probe }
        func superDecoder(forKey key: Key) throws -> any Decoder { probe }
    }
}
