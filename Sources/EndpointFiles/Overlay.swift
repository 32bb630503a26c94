import Resources

/// A document that changes fields of one endpoint for one environment.
struct Overlay {
    let name: Located<String>
    let root: YAMLNode

    /// Whether a document says that it is one.
    static func isOverlay(_ document: YAMLNode) -> Bool { document.value("kind")?.text == "Overlay" }
}

/// What an environment's files hold: overlays, and endpoints that this environment alone has.
struct EnvironmentFiles {
    private(set) var sources: [SourceText] = []
    private(set) var overlays: [String: Overlay] = [:]
    /// Documents of other kinds.
    private(set) var documents: [YAMLNode] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameter environment: Its name, for messages.
    mutating func add(_ source: SourceText, environment: String) {
        sources.append(source)
        let (documents, log) = YAMLReader.read(source, index: sources.count)
        var faults = FaultLog(source: source, others: sources)
        for document in documents {
            guard Overlay.isOverlay(document) else {
                self.documents.append(document)
                continue
            }
            var decoder = DocumentDecoder(log: faults, environment: environment)
            if let name = decoder.overlayName(document) { add(document, name, environment, &decoder.log) }
            faults = decoder.log
        }
        diagnostics += log.diagnostics + faults.diagnostics
    }

    mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    private mutating func add(
        _ document: YAMLNode, _ name: Located<String>, _ environment: String, _ log: inout FaultLog
    ) {
        if let first = overlays[name.value] {
            log.error(
                .duplicateOverlay, at: name.position,
                "two overlays of '\(environment)' change the endpoint '\(name.value)'; the first "
                    + log.place(of: first.name.position, from: name.position),
                expected: "one overlay an endpoint and environment")
        } else {
            overlays[name.value] = Overlay(name: name, root: document)
        }
    }
}

extension DocumentDecoder {
    /// Checks an overlay's own head; its spec is judged where it is merged into an endpoint's.
    mutating func overlayName(_ root: YAMLNode) -> Located<String>? {
        ownSource = root.position.source
        guard let document = section(root, .overlay) else { return nil }
        if let node = document["apiVersion"] { _ = isKnownVersion(node) }
        guard let node = document["metadata"], let metadata = section(node, .metadata, removing: true),
            let name = metadata["name"].flatMap({ name(EndpointName.self, $0, key: "name") })
        else { return nil }
        return Located(value: name.value.rawValue, position: name.position)
    }
}
