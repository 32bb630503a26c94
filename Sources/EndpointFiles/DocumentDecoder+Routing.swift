import Resources

extension DocumentDecoder {
    /// - Parameter variants: The names to refer to; `nil` where they couldn't be read, and then nothing is judged.
    mutating func routingKey(_ node: YAMLNode, variants: [VariantName]?) -> RoutingKey? {
        if case .scalar(let text, _) = node.content, node.tag == nil {
            log.error(
                .wrongType, at: node.position, "routingKey is \(node.kind)",
                expected: "a mapping with header, cookie or query",
                help: Self.isToken(text) ? "did you mean '{ header: \(text) }'?" : nil)
            return nil
        }
        guard let section = section(node, .routingKey) else { return nil }
        let onMissing = section["onMissing"].map { self.onMissing($0, variants: variants) }
        let given = RoutingKey.Source.allCases.filter { section.keyPositions[$0.rawValue] != nil }
        guard let source = given.first else {
            if section.keyPositions.keys.allSatisfy({ $0 == "onMissing" }) {
                log.error(
                    .missingKey, at: node.position, "routingKey does not say where the key stands",
                    expected: "one of header, cookie or query, such as header: x-user-id",
                    help: "to split every request at random, leave routingKey out")
            }
            return nil
        }
        for extra in given.dropFirst() {
            log.error(
                .conflictingKeys, at: section.keyPositions[extra.rawValue] ?? node.position,
                "routingKey has both '\(source.rawValue)' and '\(extra.rawValue)'",
                expected: "one of header, cookie or query")
        }
        guard let node = section[source.rawValue], let name = keyName(node, source) else { return nil }
        return RoutingKey(source: source, name: name, onMissing: (onMissing ?? .random) ?? .random)
    }

    private mutating func keyName(_ node: YAMLNode, _ source: RoutingKey.Source) -> String? {
        guard let name = plainText(node, key: source.rawValue, expected: "the \(source.rawValue)'s name") else {
            return nil
        }
        switch source {
        case .header: return headerName(name, at: node.position)
        case .cookie:
            if Self.isToken(name) { return name }
        case .query:
            let isName = name.unicodeScalars.allSatisfy { !Self.isControl($0) && !"&=#+% ".unicodeScalars.contains($0) }
            if isName, (1...255).contains(name.utf8.count) { return name }
        }
        log.error(
            .invalidValue, at: node.position, "\(quoted(name)) can't name a \(source.rawValue)",
            expected: source == .cookie
                ? "letters, digits and !#$%&'*+-.^_`|~" : "1 to 255 bytes without blanks and any of & = # + %")
        return nil
    }

    /// - Returns: The name in lower case, since headers are compared so.
    private mutating func headerName(_ name: String, at position: Position) -> String? {
        guard Self.isToken(name) else {
            let trimmed = name.hasSuffix(":") ? String(name.dropLast()) : name
            log.error(
                .invalidValue, at: position, "\(quoted(name)) can't name a header",
                expected: "letters, digits and !#$%&'*+-.^_`|~, such as x-user-id",
                help: trimmed != name && Self.isToken(trimmed) ? "did you mean '\(trimmed)'?" : nil)
            return nil
        }
        return name.lowercased()
    }

    /// RFC 9110's `token`, of at most 255 characters.
    private static func isToken(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    private mutating func onMissing(_ node: YAMLNode, variants: [VariantName]?) -> RoutingKey.OnMissing? {
        guard let text = plainText(node, key: "onMissing", expected: "random, reject or a variant's name") else {
            return nil
        }
        switch text {
        case "random": return .random
        case "reject": return .reject
        default:
            return variant(
                text, at: node.position, key: "onMissing", among: variants, besides: ["random", "reject"]
            ).map { .variant($0) }
        }
    }

    mutating func overrides(_ node: YAMLNode, variants: [VariantName]?) -> [RoutingOverride] {
        guard
            let nodes = list(
                node, key: "overrides", of: "{ when: { header: { NAME: VALUE } }, use: VARIANT }",
                limit: EndpointSpec.listLimit)
        else { return [] }
        var overrides: [Located<RoutingOverride>] = []
        for node in nodes {
            guard let section = section(node, .override) else { continue }
            let header = section["when"].flatMap { when($0) }
            let variant = section["use"].flatMap { node in
                plainText(node, key: "use", expected: "the name of a variant").flatMap {
                    self.variant($0, at: node.position, key: "use", among: variants, besides: [])
                }
            }
            guard let header else { continue }
            if let earlier = overrides.first(where: { $0.value.header == header.name && $0.value.value == header.value }
            ) {
                log.error(
                    .unreachableOverride, at: node.position,
                    "this override never applies: the one \(log.place(of: earlier.position, from: node.position)) takes "
                        + "the same header and value"
                )
                continue
            }
            if let variant {
                let override = RoutingOverride(header: header.name, value: header.value, variant: variant)
                overrides.append(Located(value: override, position: node.position))
            }
        }
        return overrides.map(\.value)
    }

    private mutating func when(_ node: YAMLNode) -> (name: String, value: String)? {
        let expected = "one header with its value: { NAME: VALUE }"
        guard let when = section(node, .when), let node = when["header"],
            let entries = mapping(node, "'header'", expected: expected)
        else { return nil }
        let headers = uniqueKeys(entries, "'header'")
        guard headers.count == 1, let (name, entry) = headers.first else {
            if headers.count == entries.count {
                log.error(
                    .invalidValue, at: node.position, "'header' in 'when' has \(headers.count) headers",
                    expected: expected, help: headers.isEmpty ? nil : "write one override for each")
            }
            return nil
        }
        let valid = headerName(name, at: entry.key.position)
        let value = text(entry.value, key: name, maxBytes: 4096)
        if let valid, let value { return (valid, value) }
        return nil
    }

    private mutating func variant(
        _ text: String, at position: Position, key: String, among variants: [VariantName]?, besides words: [String]
    ) -> VariantName? {
        guard let variants else { return nil }
        if let match = variants.first(where: { $0.rawValue == text }) { return match }
        let choices = words + variants.map(\.rawValue)
        log.error(
            .unknownVariant, at: position, "'\(key)' names the variant \(quoted(text)), which does not exist",
            expected: alternatives(choices),
            help: NearMiss.suggestion(for: text, among: choices).map { "did you mean '\($0)'?" })
        return nil
    }
}
