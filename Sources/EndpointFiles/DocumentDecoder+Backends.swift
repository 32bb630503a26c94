import Resources

extension DocumentDecoder {
    /// The templates that are sound in themselves: known placeholders, and an address comes out.
    mutating func templates(_ node: YAMLNode, key: String) -> [Located<BackendTemplate>] {
        guard
            let nodes = list(
                node, key: key, of: "addresses such as \"http://fraud-v{version}.internal:8080\"",
                limit: EndpointSpec.backendsLimit)
        else { return [] }
        if nodes.isEmpty {
            log.error(
                .emptyList, at: node.position, "'\(key)' lists nothing",
                expected: "at least one address such as \"http://HOST:PORT\"")
        }
        var templates: [Located<BackendTemplate>] = []
        for node in nodes {
            guard let text = plainText(node, key: key, expected: "an address such as \"http://HOST:PORT\""),
                let template = template(text, at: node.position)
            else { continue }
            if templates.contains(where: { $0.value == template }) {
                log.error(.duplicateValue, at: node.position, "the backend \(quoted(text)) is listed twice")
                continue
            }
            templates.append(Located(value: template, position: node.position))
        }
        return templates
    }

    private mutating func template(_ text: String, at position: Position) -> BackendTemplate? {
        let template: BackendTemplate
        do {
            template = try BackendTemplate(parsing: text)
        } catch {
            reportPlaceholder(in: text, at: position, error)
            return nil
        }
        guard environment != nil || !template.placeholders.contains(.env) else {
            log.error(
                .noEnvironment, at: self.position(of: "{env}", in: text, at: position),
                "{env} has no value: no environment is named", help: "name one with --env NAME")
            return nil
        }
        do {
            _ = try template.expanded(
                variant: VariantName(unchecked: "variant"),
                version: VersionReference(model: ModelName(unchecked: "model"), version: 1),
                environment: environment)
            return template
        } catch {
            let code: DiagnosticCode = text.hasPrefix("https://") ? .notSupportedYet : .invalidBackend
            log.error(
                code, at: position, Self.sentence(error.message), expected: "http://HOST:PORT",
                help: Self.backendHelp(text))
            return nil
        }
    }

    private static func backendHelp(_ text: String) -> String? {
        if text.hasPrefix("https://") { return nil }
        if !text.contains("://"), text.contains(where: \.isLetter), (try? Backend(parsing: "http://" + text)) != nil {
            return "did you mean 'http://\(text.prefix(100))'?"
        }
        guard text.hasPrefix("http://"), let slash = text.dropFirst(7).firstIndex(of: "/") else { return nil }
        let origin = text[..<slash]
        return (try? Backend(parsing: String(origin))) != nil
            ? "a backend has no path; the request's own is kept: did you mean '\(origin)'?" : nil
    }

    private mutating func reportPlaceholder(in text: String, at position: Position, _ error: TurnoutError) {
        let known = BackendTemplate.Placeholder.allCases.map(\.rawValue)
        let unknown = text.split(separator: "{").dropFirst().lazy.compactMap { piece -> String? in
            guard let close = piece.firstIndex(of: "}") else { return nil }
            let name = String(piece[..<close])
            return known.contains(name) ? nil : name
        }.first
        guard let unknown else {
            log.error(.invalidBackend, at: position, Self.sentence(error.message), expected: "http://HOST:PORT")
            return
        }
        log.error(
            .unknownPlaceholder, at: self.position(of: "{\(unknown)}", in: text, at: position),
            "unknown placeholder \(quoted("{\(unknown)}"))",
            expected: alternatives(known.map { "{\($0)}" }),
            help: NearMiss.suggestion(for: unknown, among: known).map { "did you mean '{\($0)}'?" })
    }

    /// Where a part of a scalar stands; the scalar's start where it is not written in one piece on its line.
    private func position(of part: String, in text: String, at position: Position) -> Position {
        let line = String(log.source(of: position).rest(at: position))
        guard let range = line.firstRange(of: part) else { return position }
        return position.advanced(columns: line.unicodeScalars.distance(from: line.startIndex, to: range.lowerBound))
    }

    /// Expands a variant's templates where its version is a number; an alias is resolved when the file is applied.
    ///
    /// - Parameter failed: The templates that were told of, so that one shared by all variants is told of once.
    mutating func checkBackends(
        _ templates: [Located<BackendTemplate>], of name: VariantName, _ version: VersionReference,
        failed: inout Set<Position>
    ) {
        var addresses: [Backend: Position] = [:]
        for template in templates where !failed.contains(template.position) {
            do {
                let backend = try template.value.expanded(variant: name, version: version, environment: environment)
                guard addresses.updateValue(template.position, forKey: backend) != nil else { continue }
                log.error(
                    .duplicateValue, at: template.position, "variant '\(name)' has the backend \(backend) twice")
                failed.insert(template.position)
            } catch {
                log.error(
                    .invalidBackend, at: template.position, "for variant '\(name)': \(Self.sentence(error.message))",
                    expected: "http://HOST:PORT")
                failed.insert(template.position)
            }
        }
    }

    /// A message of the value types as one of this module's: without the full stop and what is expected, which has its
    /// own line.
    private static func sentence(_ message: String) -> String {
        let short = message.replacing("; expected http://HOST:PORT", with: "")
        return short.hasSuffix(".") ? String(short.dropLast()) : short
    }
}
