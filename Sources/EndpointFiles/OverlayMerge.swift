import Resources

/// Lays an environment's overlay over an endpoint's document, before either is judged: what comes out is read like any
/// other document, and every value still knows the file and line that it is from.
///
/// Mappings are merged key by key, variants by their names; any other list, and every single value, is replaced whole.
/// `null` removes a key, `remove: true` a variant.
struct OverlayMerge {
    var log: FaultLog
    /// What the overlay takes away, as fields, and where it says so.
    private(set) var removals: [String: Position] = [:]

    init(log: FaultLog) { self.log = log }

    mutating func merged(_ base: YAMLNode, _ overlay: YAMLNode) -> YAMLNode {
        guard case .mapping(var entries) = base.content else { return base }
        for key in ["metadata", "spec"] {
            guard case .mapping(let changes) = overlay.content,
                let change = changes.first(where: { $0.key.text == key }),
                let index = entries.firstIndex(where: { $0.key.text == key })
            else { continue }
            let value = value(
                entries[index].value, change.value, key == "metadata" ? .metadata : .spec)
            entries[index] = YAMLNode.Entry(key: entries[index].key, value: value)
        }
        return YAMLNode(content: .mapping(entries), position: base.position, tag: base.tag)
    }

    /// - Parameter table: The keys of a mapping; `nil` where the value is replaced whole.
    private mutating func value(_ base: YAMLNode, _ overlay: YAMLNode, _ table: KeyTable?) -> YAMLNode {
        guard let table, case .mapping(let old) = base.content, case .mapping(let new) = overlay.content,
            overlay.tag == nil, base.tag == nil
        else { return overlay }
        return YAMLNode(content: .mapping(mapping(old, new, table)), position: base.position, tag: nil)
    }

    private mutating func mapping(
        _ base: [YAMLNode.Entry], _ overlay: [YAMLNode.Entry], _ table: KeyTable
    ) -> [YAMLNode.Entry] {
        var entries = base
        if table.path == KeyTable.routingKey.path { dropOtherSources(&entries, overlay) }
        var seen: Set<String> = []
        for change in overlay {
            // A key that is no word or is repeated goes along, for the decoder to tell of.
            guard let key = change.key.text, seen.insert(key).inserted else {
                entries.append(change)
                continue
            }
            let index = entries.firstIndex { $0.key.text == key }
            // It says which endpoint or variant is meant, and changes nothing.
            if key == "name", table.required.contains("name") { continue }
            if change.value.isExplicitNull {
                if remove(change, key, table, isThere: index != nil), let index { entries.remove(at: index) }
                continue
            }
            guard let index else {
                let value = added(change.value, Self.table(of: table.path(of: key)))
                entries.append(YAMLNode.Entry(key: change.key, value: value))
                continue
            }
            let old = entries[index].value
            let value =
                table.path == KeyTable.spec.path && key == "variants"
                ? variants(old, change.value) : value(old, change.value, Self.table(of: table.path(of: key)))
            entries[index] = YAMLNode.Entry(key: change.key, value: value)
        }
        return entries
    }

    /// A mapping that the endpoint's own file does not have; there is nothing in it to remove.
    private mutating func added(_ value: YAMLNode, _ table: KeyTable?) -> YAMLNode {
        guard let table, case .mapping(let entries) = value.content, value.tag == nil,
            entries.contains(where: { $0.value.isExplicitNull })
        else { return value }
        return YAMLNode(content: .mapping(mapping([], entries, table)), position: value.position, tag: nil)
    }

    /// One of header, cookie and query replaces another.
    private mutating func dropOtherSources(_ entries: inout [YAMLNode.Entry], _ overlay: [YAMLNode.Entry]) {
        let sources = RoutingKey.Source.allCases.map(\.rawValue)
        guard let change = overlay.first(where: { sources.contains($0.key.text ?? "") && !$0.value.isNull }) else {
            return
        }
        let given = Set(overlay.compactMap(\.key.text))
        for source in sources where !given.contains(source) && entries.contains(where: { $0.key.text == source }) {
            entries.removeAll { $0.key.text == source }
            removals[KeyTable.routingKey.path(of: source)] = change.key.position
        }
    }

    /// The mappings that are merged key by key.
    private static func table(of path: String) -> KeyTable? {
        [.routingKey, .retry, .limits, .health].first { $0.path == path }
    }

    private mutating func remove(_ change: YAMLNode.Entry, _ key: String, _ table: KeyTable, isThere: Bool) -> Bool {
        guard !table.required.contains(key) else {
            log.error(
                .nothingToRemove, at: change.value.position,
                "'\(key)' is required in \(table.subject) and can't be removed")
            return false
        }
        guard isThere else {
            log.error(
                .nothingToRemove, at: change.key.position,
                "the overlay removes \(quoted(key)), which the endpoint's own file does not have",
                help: NearMiss.suggestion(for: key, among: table.keys).flatMap {
                    $0 == key ? nil : "did you mean '\($0)'?"
                })
            return false
        }
        removals[table.path(of: key)] = change.value.position
        return true
    }
}

// MARK: - Variants

extension OverlayMerge {
    private mutating func variants(_ base: YAMLNode, _ overlay: YAMLNode) -> YAMLNode {
        guard case .sequence(let old) = base.content, case .sequence(let new) = overlay.content,
            old.count <= EndpointSpec.listLimit, new.count <= EndpointSpec.listLimit
        else { return overlay }
        var arms = old
        var seen: [String: Position] = [:]
        let names = old.compactMap { $0.value("name")?.text }
        for change in new {
            guard let name = name(of: change) else { continue }
            if let first = seen.updateValue(name.position, forKey: name.value) {
                log.error(
                    .duplicateVariant, at: name.position,
                    "the overlay changes the variant \(quoted(name.value)) twice; the first "
                        + log.place(of: first, from: name.position))
                continue
            }
            let index = arms.firstIndex { $0.value("name")?.text == name.value }
            if let removal = change.value("remove") {
                if isRemoved(change, removal, name, names: names), let index { arms.remove(at: index) }
            } else if let index {
                arms[index] = variant(arms[index], change, name.value)
            } else if isWhole(change, name, names: names) {
                arms.append(change)
            }
        }
        return YAMLNode(content: .sequence(arms), position: base.position, tag: base.tag)
    }

    private mutating func variant(_ base: YAMLNode, _ change: YAMLNode, _ name: String) -> YAMLNode {
        var table = KeyTable.variant
        table.path = "\(KeyTable.spec.path).variants[\(name)]"
        return value(base, change, table)
    }

    private mutating func name(of change: YAMLNode) -> Located<String>? {
        guard case .mapping = change.content else {
            log.error(
                .wrongType, at: change.position, "a variant of an overlay is \(change.kind)",
                expected: "a mapping with the variant's name and what changes: { name: champion, traffic: 95 }")
            return nil
        }
        guard let node = change.value("name"), let name = node.text, !node.isNull else {
            log.error(
                .missingKey, at: change.position, "a variant of an overlay has no 'name'",
                expected: "the name of the variant that changes, or of a new one")
            return nil
        }
        return Located(value: name, position: node.position)
    }

    private mutating func isRemoved(
        _ change: YAMLNode, _ removal: YAMLNode, _ name: Located<String>, names: [String]
    ) -> Bool {
        guard removal.text == "true", removal.tag == nil else {
            log.error(
                .invalidValue, at: removal.position, "'remove' can't be \(removal.kind)", expected: "true",
                help: "leave 'remove' out to keep the variant")
            return false
        }
        if case .mapping(let entries) = change.content,
            let extra = entries.first(where: { !["name", "remove"].contains($0.key.text) })
        {
            log.error(
                .conflictingKeys, at: extra.key.position,
                "the variant \(quoted(name.value)) is removed, and yet has \(extra.key.kind)",
                expected: "name and remove alone")
            return false
        }
        guard names.contains(name.value) else {
            log.error(
                .unknownVariant, at: name.position,
                "the overlay removes the variant \(quoted(name.value)), which the endpoint's own file does not have",
                expected: alternatives(names),
                help: NearMiss.suggestion(for: name.value, among: names).map { "did you mean '\($0)'?" })
            return false
        }
        removals["\(KeyTable.spec.path).variants[\(name.value)]"] = removal.position
        return true
    }

    /// A new variant needs all that a variant needs; one that lacks it is most likely a misspelt name.
    private mutating func isWhole(_ change: YAMLNode, _ name: Located<String>, names: [String]) -> Bool {
        guard change.value("model") == nil || change.value("traffic") == nil else { return true }
        log.error(
            .unknownVariant, at: name.position,
            "the endpoint's own file has no variant \(quoted(name.value)), and a new one needs model and traffic",
            expected: alternatives(names),
            help: NearMiss.suggestion(for: name.value, among: names).map { "did you mean '\($0)'?" })
        return false
    }
}
