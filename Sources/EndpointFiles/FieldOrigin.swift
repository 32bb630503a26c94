package import Resources

/// A field of an endpoint, what it is set to, and where that is written.
///
/// Its JSON form is part of `--output json`.
package struct FieldOrigin: Sendable, Hashable, Codable {
    /// What the endpoint's own file says, and an overlay replaced.
    package struct Replaced: Sendable, Hashable, Codable {
        package let value: String
        package let file: String
        package let line: Int
    }

    package let endpoint: EndpointName
    /// `spec.timeout`, `spec.variants[champion].traffic`.
    package let field: String
    /// As written; a list on one line. `nil`: an overlay removes it.
    package let value: String?
    package let file: String
    package let line: Int
    package let column: Int
    package let replaced: Replaced?
    /// Whether an overlay says so.
    package let isOverlaid: Bool
}

/// An endpoint's document as it is written, and as an overlay changed it.
struct SourceDocument: Sendable {
    let base: YAMLNode
    var merged: YAMLNode?
    /// The fields that the overlay takes away, and where it says so.
    var removals: [String: Position] = [:]
    /// By the source of a position.
    let files: [String]

    init(base: YAMLNode, files: [String]) {
        self.base = base
        self.files = files
    }

    var root: YAMLNode { merged ?? base }

    func origins(_ endpoint: EndpointName) -> [FieldOrigin] {
        let before = Dictionary(Self.leaves(base, at: ""), uniquingKeysWith: { first, _ in first })
        let leaves = Self.leaves(root, at: "")
        var origins = leaves.map { field, node in
            origin(endpoint, field, node.written, node.position, before: before[field])
        }
        let left = Set(leaves.map(\.field))
        for (field, node) in Self.leaves(base, at: "") where !left.contains(field) {
            guard let position = removals.first(where: { field == $0.key || field.hasPrefix($0.key + ".") })?.value
            else { continue }
            origins.append(origin(endpoint, field, nil, position, before: node))
        }
        return origins
    }

    private func origin(
        _ endpoint: EndpointName, _ field: String, _ value: String?, _ position: Position, before: YAMLNode?
    ) -> FieldOrigin {
        let isOverlaid = position.source != base.position.source
        return FieldOrigin(
            endpoint: endpoint, field: field, value: value, file: files[position.source], line: position.line,
            column: position.column,
            replaced: isOverlaid
                ? before.map {
                    .init(value: $0.written, file: files[$0.position.source], line: $0.position.line)
                } : nil, isOverlaid: isOverlaid)
    }

    /// The field's value; where it is not written down, what is around it.
    func position(of field: String) -> Position {
        let leaves = Self.leaves(root, at: "")
        if let leaf = leaves.first(where: { $0.field == field }) { return leaf.node.position }
        let parents = leaves.filter { $0.field.hasPrefix(field + ".") || $0.field.hasPrefix(field + "[") }
        if let first = parents.first { return first.node.position }
        guard let dot = field.lastIndex(of: ".") else {
            return root.value("metadata")?.value("name")?.position ?? root.position
        }
        return position(of: String(field[..<dot]))
    }

    /// The document's values, each with its field: mappings and variants are walked into, other lists are one value.
    private static func leaves(_ node: YAMLNode, at path: String) -> [(field: String, node: YAMLNode)] {
        if path == "spec.variants", case .sequence(let arms) = node.content {
            return arms.flatMap { arm in
                leaves(arm, at: "\(path)[\(arm.value("name")?.text ?? "")]").filter { !$0.field.hasSuffix("].name") }
            }
        }
        guard case .mapping(let entries) = node.content else { return path.isEmpty ? [] : [(path, node)] }
        return entries.flatMap { entry -> [(field: String, node: YAMLNode)] in
            guard let key = entry.key.text, !(path.isEmpty && ["apiVersion", "kind"].contains(key)) else { return [] }
            return leaves(entry.value, at: path.isEmpty ? key : "\(path).\(key)")
        }
    }
}

extension YAMLNode {
    /// On one line, as a person would write it; without control characters, since it goes to terminals.
    fileprivate var written: String {
        switch content {
        case .scalar(let text, _):
            String(String.UnicodeScalarView(text.unicodeScalars.map { SourceText.printable($0) }))
        case .sequence(let items): "[\(items.map(\.written).joined(separator: ", "))]"
        case .mapping(let entries):
            "{ \(entries.map { "\($0.key.written): \($0.value.written)" }.joined(separator: ", ")) }"
        }
    }
}
