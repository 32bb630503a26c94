package import ControlAPI
internal import Foundation

/// Holds JSON values against the schemas of an OpenAPI document: the part of JSON Schema 2020-12 that it uses. A keyword
/// that is not known here is a fault, so that nothing passes unchecked.
package struct SchemaCheck: Sendable {
    private let components: JSONTree

    package init(document: JSONTree) { components = document["components"]?["schemas"] ?? [:] }

    /// - Returns: what is wrong, each with its place; empty when all is well.
    package func faults(_ value: JSONTree, _ schema: JSONTree, at place: String = "$") -> [String] {
        var faults: [String] = []
        for (keyword, rule) in schema.members.sorted(by: { $0.key < $1.key }) {
            faults += check(value, keyword, rule, schema, at: place).map { $0.hasPrefix("$") ? $0 : "\(place): \($0)" }
        }
        return faults
    }

    private func check(
        _ value: JSONTree, _ keyword: String, _ rule: JSONTree, _ schema: JSONTree, at place: String
    ) -> [String] {
        switch keyword {
        case "description", "examples", "format", "default": []
        case "$ref": reference(value, rule, at: place)
        case "type": isOf(value, rule.text ?? "") ? [] : ["is not of type \(rule.text ?? "?")"]
        case "const": value == rule ? [] : ["is not \(rule)"]
        case "enum": rule.items.contains(value) ? [] : ["is none of \(rule.items)"]
        case "not": faults(value, rule, at: place).isEmpty ? ["is what it must not be"] : []
        case "anyOf": rule.items.contains { faults(value, $0, at: place).isEmpty } ? [] : anyOf(value, rule, place)
        case "allOf": rule.items.flatMap { faults(value, $0, at: place) }
        case "properties", "required", "additionalProperties", "propertyNames":
            object(value, keyword, rule, schema, at: place)
        case "items", "prefixItems", "minItems", "maxItems": array(value, keyword, rule, at: place)
        case "pattern", "minLength", "maxLength": text(value, keyword, rule)
        case "minimum", "maximum": number(value, keyword, rule)
        default: ["the keyword \(keyword) is not known to the check"]
        }
    }

    private func reference(_ value: JSONTree, _ rule: JSONTree, at place: String) -> [String] {
        let name = rule.text?.split(separator: "/").last.map(String.init) ?? ""
        guard let schema = components[name] else { return ["refers to \(name), which is not there"] }
        return faults(value, schema, at: place)
    }

    private func anyOf(_ value: JSONTree, _ rule: JSONTree, _ place: String) -> [String] {
        rule.items.first.map { faults(value, $0, at: place) } ?? ["fits no choice"]
    }

    private func isOf(_ value: JSONTree, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.bool, "boolean"), (.integer, "integer"), (.integer, "number"), (.number, "number"),
            (.string, "string"), (.array, "array"), (.object, "object"):
            true
        default: false
        }
    }

    private func object(
        _ value: JSONTree, _ keyword: String, _ rule: JSONTree, _ schema: JSONTree, at place: String
    ) -> [String] {
        guard case .object(let members) = value else { return [] }
        switch keyword {
        case "properties":
            return rule.members.flatMap { name, schema in
                members[name].map { faults($0, schema, at: "\(place).\(name)") } ?? []
            }
        case "required":
            return rule.items.compactMap { name in
                members[name.text ?? ""] == nil ? "lacks \(name.text ?? "?")" : nil
            }
        case "propertyNames":
            return members.keys.flatMap { faults(.string($0), rule, at: "\(place).\($0)") }
        default:
            let known = schema["properties"]?.members ?? [:]
            return members.filter { known[$0.key] == nil }.flatMap { name, member in
                rule == .bool(false)
                    ? ["has \(name), which the document does not know"]
                    : faults(member, rule, at: "\(place).\(name)")
            }
        }
    }

    private func array(_ value: JSONTree, _ keyword: String, _ rule: JSONTree, at place: String) -> [String] {
        guard case .array(let items) = value else { return [] }
        switch (keyword, rule) {
        case ("minItems", .integer(let least)): return items.count < least ? ["has too few items"] : []
        case ("maxItems", .integer(let most)): return items.count > most ? ["has too many items"] : []
        case ("prefixItems", _):
            return zip(items, rule.items).enumerated().flatMap { faults($1.0, $1.1, at: "\(place)[\($0)]") }
        default: return items.enumerated().flatMap { faults($1, rule, at: "\(place)[\($0)]") }
        }
    }

    private func text(_ value: JSONTree, _ keyword: String, _ rule: JSONTree) -> [String] {
        guard case .string(let text) = value else { return [] }
        switch (keyword, rule) {
        case ("minLength", .integer(let least)): return text.unicodeScalars.count < least ? ["is too short"] : []
        case ("maxLength", .integer(let most)): return text.unicodeScalars.count > most ? ["is too long"] : []
        case ("pattern", .string(let pattern)):
            return text.range(of: pattern, options: .regularExpression) == nil ? ["'\(text)' is not \(pattern)"] : []
        default: return ["\(keyword) can't be \(rule)"]
        }
    }

    private func number(_ value: JSONTree, _ keyword: String, _ rule: JSONTree) -> [String] {
        guard let value = Self.double(value), let bound = Self.double(rule) else { return [] }
        return (keyword == "minimum" ? value >= bound : value <= bound)
            ? [] : ["\(value) is beyond \(keyword) \(bound)"]
    }

    private static func double(_ value: JSONTree) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
