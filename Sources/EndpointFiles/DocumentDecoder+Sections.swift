import Resources

/// A mapping whose keys were checked against a table.
struct Section {
    let position: Position
    let values: [String: YAMLNode]
    let keyPositions: [String: Position]

    /// The key's value; absent also where a value is missing, which is then in the log.
    subscript(key: String) -> YAMLNode? { values[key] }
}

extension DocumentDecoder {
    /// Checks a mapping's keys: known, once each, with a value, none missing.
    ///
    /// - Parameter removing: Whether `null` may stand for a key that is not required, as in an overlay.
    mutating func section(_ node: YAMLNode, _ table: KeyTable, removing: Bool = false) -> Section? {
        guard let entries = mapping(node, table.subject, expected: "a mapping with \(alternatives(table.keys))")
        else { return nil }
        var values: [String: YAMLNode] = [:]
        var positions: [String: Position] = [:]
        for (key, entry) in uniqueKeys(entries, table.subject) {
            positions[key] = entry.key.position
            guard table.keys.contains(key) else {
                reportUnknown(key, at: entry.key.position, table)
                continue
            }
            if removing, entry.value.isExplicitNull, !table.required.contains(key) { continue }
            guard !entry.value.isNull else {
                log.error(
                    .missingValue, at: entry.key.position, "'\(key)' has no value",
                    expected: Self.example(of: table.path(of: key)) ?? "a value",
                    help: table.required.contains(key)
                        ? nil
                        : entry.key.position.source == ownSource
                            ? "leave '\(key)' out to have its default"
                            : "leave '\(key)' out to keep it as it is, or write 'null' to remove it")
                continue
            }
            values[key] = entry.value
        }
        reportMissing(table, given: positions.keys, at: node.position)
        return Section(position: node.position, values: values, keyPositions: positions)
    }

    /// The entries with plain keys, the first of each; what else there is, is a fault.
    mutating func uniqueKeys(_ entries: [YAMLNode.Entry], _ subject: String) -> [(String, YAMLNode.Entry)] {
        var seen: [String: Position] = [:]
        var unique: [(String, YAMLNode.Entry)] = []
        for entry in entries {
            guard case .scalar(let key, _) = entry.key.content, entry.key.tag == nil else {
                log.error(
                    .unsupportedYAML, at: entry.key.position, "a key of \(subject) is not a plain word",
                    expected: "keys that are plain words")
                continue
            }
            if let first = seen[key] {
                log.error(
                    .duplicateKey, at: entry.key.position,
                    "the key \(quoted(key)) is given twice; first \(log.place(of: first, from: entry.key.position))",
                    expected: "each key once in a mapping")
                continue
            }
            seen[key] = entry.key.position
            unique.append((key, entry))
        }
        return unique
    }

    private mutating func reportMissing(_ table: KeyTable, given: some Sequence<String>, at position: Position) {
        let given = Set(given)
        // What a merge key would bring in is not missing; the key itself was told of.
        guard !given.contains("<<") else { return }
        for key in table.required where !given.contains(key) {
            // A misspelt key was told of already, with this one as the suggestion.
            guard
                !given.contains(where: { other in
                    !table.keys.contains(other) && NearMiss.suggestion(for: other, among: table.keys) == key
                })
            else { continue }
            log.error(
                .missingKey, at: position, "\(table.subject) has no '\(key)'",
                expected: Self.example(of: table.path(of: key)))
        }
    }

    private mutating func reportUnknown(_ key: String, at position: Position, _ table: KeyTable) {
        if table.notSupportedYet.contains(key) {
            log.error(
                .notSupportedYet, at: position, "'\(key)' in \(table.subject) is not supported yet",
                help: "leave it out until it is")
            return
        }
        if key == "<<" {
            log.error(
                .unsupportedYAML, at: position, "merge keys ('<<') are not supported",
                expected: alternatives(table.keys),
                help: "write the keys out; 'backends' in spec holds for every variant that names none")
            return
        }
        var help: String?
        if let nearMiss = NearMiss.suggestion(for: key, among: table.keys + table.notSupportedYet) {
            help = "did you mean '\(nearMiss)'?"
        } else if let home = KeyTable.all.first(where: { $0.keys.contains(key) || $0.notSupportedYet.contains(key) }) {
            help = "'\(key)' belongs in \(home.path.isEmpty ? "the document itself" : home.path)"
        } else if KeyTable.overlayVariant.keys.contains(key) {
            help = "'\(key)' belongs in an overlay"
        }
        log.error(
            .unknownKey, at: position, "unknown key \(quoted(key)) in \(table.subject)",
            expected: alternatives(table.keys), help: help)
    }

    private static func example(of path: String) -> String? {
        switch path {
        case "apiVersion": "apiVersion: turnout/v1"
        case "kind": "kind: Endpoint"
        case "metadata": "metadata: { name: NAME, owner: TEAM }"
        case "metadata.name": "name: NAME"
        case "spec": "spec: with variants"
        case "spec.variants": "variants: a list of { name, model, traffic, backends }"
        case "spec.variants[].name": "name: champion"
        case "spec.variants[].model": "model: MODEL/NUMBER such as fraud/12, or MODEL@ALIAS"
        case "spec.variants[].traffic": "traffic: a percentage such as 10, or rest"
        case "spec.health.path": "path: /healthz"
        case "spec.overrides[].when": "when: { header: { NAME: VALUE } }"
        case "spec.overrides[].use": "use: the name of a variant"
        case "spec.overrides[].when.header": "header: { NAME: VALUE }"
        default: nil
        }
    }
}
