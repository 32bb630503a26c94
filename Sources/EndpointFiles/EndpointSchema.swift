import Foundation
import Resources

/// The JSON Schema (2020-12) of endpoint files, for editors and other programs, made of the parser's own tables.
///
/// It takes a value as YAML 1.2 types it (`10` is a number, `true` a Boolean) and as text alike, since the parser reads
/// every value as it is written. What no schema can say, such as that shares sum to 100, is left to
/// `turnout validate`.
package enum EndpointSchema {
    /// The schema, indented, with sorted keys and a line break at its end.
    package static func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document()), as: UTF8.self) + "\n"
    }

    private static func document() -> SchemaValue {
        let kinds: SchemaValue = [
            "kind": [
                "description": "Endpoint, or Overlay in a file below environments/",
                "enum": ["Endpoint", "Overlay"],
            ]
        ]
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "urn:turnout:v1:endpoint-file",
            "title": "Turnout endpoint file",
            "description": "One document of an endpoint file: an endpoint, or what differs for it in one environment.",
            "type": "object",
            "properties": kinds,
            "required": ["kind"],
            "if": ["properties": ["kind": ["const": "Overlay"]]],
            "then": ["$ref": "#/$defs/overlay"],
            "else": ["$ref": "#/$defs/endpoint"],
            "$defs": ["endpoint": endpoint, "overlay": overlay],
        ]
    }

    private static var endpoint: SchemaValue {
        mapping(.document, isOverlay: false).with(
            "examples",
            [
                [
                    "apiVersion": "turnout/v1", "kind": "Endpoint",
                    "metadata": ["name": "fraud", "owner": "risk-ml"],
                    "spec": [
                        "backends": ["http://fraud-v{version}.internal:8080"],
                        "variants": [
                            ["name": "champion", "model": "fraud/12", "traffic": "rest"],
                            ["name": "challenger", "model": "fraud/13", "traffic": 10],
                        ],
                    ],
                ]
            ])
    }

    private static var overlay: SchemaValue {
        mapping(.overlay, isOverlay: true).with(
            "examples",
            [
                [
                    "apiVersion": "turnout/v1", "kind": "Overlay", "metadata": ["name": "fraud"],
                    "spec": ["timeout": "100ms", "variants": [["name": "challenger", "traffic": 5]]],
                ]
            ])
    }
}

// MARK: - Mappings

extension EndpointSchema {
    /// - Parameter isOverlay: Whether nothing but names is required, and `null` removes a key.
    fileprivate static func mapping(_ table: KeyTable, isOverlay: Bool) -> SchemaValue {
        var properties: [String: SchemaValue] = [:]
        for key in table.entries {
            let isHead = table.path.isEmpty
            let form: ValueForm = isOverlay && isHead && key.name == "kind" ? .words(["Overlay"]) : key.form
            let isRemovable = isOverlay && !isHead && !table.required.contains(key.name)
            properties[key.name] = described(schema(form, isOverlay: isOverlay), key, isRemovable: isRemovable)
        }
        let needed = isOverlay && !table.path.isEmpty ? table.required.filter { $0 == "name" } : table.required
        let schema: SchemaValue = [
            "type": "object", "properties": .object(properties), "required": .texts(needed),
            "additionalProperties": false,
        ]
        switch table.path {
        case KeyTable.routingKey.path:
            return isOverlay ? schema.with("allOf", atMostOneSource) : schema.with("oneOf", sources)
        case KeyTable.spec.path where !isOverlay: return schema.with("anyOf", haveBackends)
        default: return schema
        }
    }

    /// The key's words with its value's schema, beside `null` where that removes the key.
    private static func described(
        _ schema: SchemaValue, _ key: KeyTable.Key, isRemovable: Bool
    ) -> SchemaValue {
        let value: SchemaValue = isRemovable ? ["anyOf": [schema, ["type": "null"]]] : schema
        var description = plain(key.description)
        if !key.fallback.isEmpty { description += ". Without it: \(plain(key.fallback))" }
        return value.with("description", .text(description))
            .with("examples", key.examples.isEmpty ? nil : .texts(key.examples))
    }

    /// Markdown's words without its links and quotes.
    private static func plain(_ markdown: String) -> String {
        markdown.replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.1) }.replacing("`", with: "")
    }

    /// Exactly one of header, cookie and query.
    private static var sources: SchemaValue {
        .list(RoutingKey.Source.allCases.map { ["required": .texts([$0.rawValue])] })
    }

    /// No two of them, but for those that are removed.
    private static var atMostOneSource: SchemaValue {
        let names = RoutingKey.Source.allCases.map(\.rawValue)
        let given: SchemaValue = ["not": ["type": "null"]]
        return .list(
            names.enumerated().flatMap { index, first in
                names[(index + 1)...].map { second in
                    [
                        "not": [
                            "required": .texts([first, second]), "properties": .object([first: given, second: given]),
                        ]
                    ]
                }
            })
    }

    /// Backends in spec, or in every variant.
    private static var haveBackends: SchemaValue {
        [
            ["required": ["backends"]],
            ["properties": ["variants": ["items": ["required": ["backends"]]]]],
        ]
    }
}

// MARK: - Values

extension EndpointSchema {
    fileprivate static func schema(_ form: ValueForm, isOverlay: Bool) -> SchemaValue {
        switch form {
        case .mapping(let table): return mapping(self.table(table), isOverlay: isOverlay && table.isMerged)
        case .variants: return variants(isOverlay: isOverlay)
        case .list(let item, let least, let most, let isUnique):
            return [
                "type": "array", "items": schema(item, isOverlay: false), "minItems": .number(least),
                "maxItems": .number(most), "uniqueItems": .boolean(isUnique),
            ]
        case .header:
            return [
                "type": "object", "minProperties": 1, "maxProperties": 1,
                "propertyNames": ["pattern": .text(ValueForm.token.pattern ?? "")],
                "additionalProperties": schema(.text(maxBytes: 4096), isOverlay: false),
            ]
        case .words(let words):
            // Also what YAML makes of the word: `503` is a number, `true` a Boolean.
            return ["enum": .list(words.flatMap { word in [.text(word)] + typed(word) })]
        case .text(let maxBytes): return scalar(form, or: [["type": ["number", "boolean"]]], maxLength: maxBytes)
        case .endpointName, .variantName, .variantReference, .host:
            return scalar(form, or: [["type": "number", "minimum": 0], ["type": "boolean"]])
        case .token, .queryName: return scalar(form, or: [["type": ["number", "boolean"]]])
        case .integer(let range):
            return scalar(
                form,
                or: [
                    [
                        "type": "integer", "minimum": .number(range.lowerBound),
                        "maximum": .number(range.upperBound),
                    ]
                ])
        case .share, .shareOrRest: return scalar(form, or: [["type": "number", "minimum": 0, "maximum": 100]])
        case .interval, .path, .version, .backend: return scalar(form, or: [])
        }
    }

    private static func typed(_ word: String) -> [SchemaValue] {
        if word == "true" { return [true] }
        return Int(word).map { [.number($0)] } ?? []
    }

    private static func scalar(_ form: ValueForm, or typed: [SchemaValue], maxLength: Int? = nil) -> SchemaValue {
        let text: SchemaValue = ["type": "string", "pattern": .text(form.pattern ?? "")]
        let bounded = text.with("maxLength", maxLength.map { .number($0) })
        return typed.isEmpty ? bounded : ["anyOf": .list([bounded] + typed)]
    }

    private static func variants(isOverlay: Bool) -> SchemaValue {
        let list: SchemaValue = ["type": "array", "maxItems": .number(EndpointSpec.listLimit)]
        guard isOverlay else {
            return list.with("items", mapping(.variant, isOverlay: false)).with("minItems", 1)
                .with("contains", ["properties": ["traffic": ["const": "rest"]], "required": ["traffic"]])
                .with("minContains", 0).with("maxContains", 1)
        }
        let removal = KeyTable.overlayVariant.entries[0]
        return list.with(
            "items",
            [
                "if": ["required": ["remove"]],
                "then": [
                    "type": "object", "additionalProperties": false, "required": ["name"],
                    "properties": [
                        "name": schema(.variantName, isOverlay: false),
                        "remove": described(schema(removal.form, isOverlay: false), removal, isRemovable: false),
                    ],
                ],
                "else": mapping(.variant, isOverlay: true),
            ])
    }

    private static func table(_ table: ValueForm.Table) -> KeyTable {
        switch table {
        case .metadata: .metadata
        case .spec: .spec
        case .routingKey: .routingKey
        case .retry: .retry
        case .limits: .limits
        case .health: .health
        case .override: .override
        case .when: .when
        }
    }
}

extension ValueForm.Table {
    /// Whether an overlay changes it key by key; otherwise it is replaced whole.
    fileprivate var isMerged: Bool {
        switch self {
        case .metadata, .spec, .routingKey, .retry, .limits, .health: true
        case .override, .when: false
        }
    }
}
