import Foundation
import Resources

/// Finds fields of a JSON body that its type does not have.
struct BodyFields {
    /// By the types' names on the wire.
    let schemas: [String: JSONTree]

    /// - Returns: where the first one stands and what may have been meant; `nil` when there is none.
    func stray(in data: Data, of type: Any.Type) throws -> String? {
        guard let schema = schemas[SchemaBook.name(of: type)] else { return nil }
        return stray(in: try JSONSerialization.jsonObject(with: data, options: [.fragmentsAllowed]), schema, at: "")
    }

    private func stray(in value: Any, _ schema: JSONTree, at path: String) -> String? {
        let schema = resolve(schema)
        if let object = value as? [String: Any] {
            let properties = schema["properties"]?.members
            for (name, member) in object.sorted(by: { $0.key < $1.key }) {
                let place = path.isEmpty ? name : "\(path).\(name)"
                if let properties {
                    guard let known = properties[name] else {
                        let meant = NearMiss.suggestion(for: name, among: properties.keys.sorted())
                        return "\(place) is not a field of it" + (meant.map { "; did you mean '\($0)'?" } ?? "")
                    }
                    if let found = stray(in: member, known, at: place) { return found }
                } else if let values = schema["additionalProperties"],
                    let found = stray(in: member, values, at: place)
                {
                    return found
                }
            }
        } else if let list = value as? [Any], let items = schema["items"] {
            for (index, item) in list.enumerated() {
                if let found = stray(in: item, items, at: "\(path)[\(index)]") { return found }
            }
        }
        return nil
    }

    /// What a reference names; of a choice, that which isn't null.
    private func resolve(_ schema: JSONTree) -> JSONTree {
        if let name = schema["$ref"]?.text?.split(separator: "/").last { return schemas[String(name)] ?? [:] }
        if let first = schema["anyOf"]?.items.first { return resolve(first) }
        return schema
    }
}
