import Resources

/// What the files read so far hold, and what must be unique over all of them.
struct Gathered {
    private var diagnostics: [Diagnostic]
    private var endpoints: [LoadedEndpoint] = []
    private var documents: [EndpointName: SourceDocument] = [:]
    private var names: [EndpointName: String] = [:]
    private var hosts: [String: String] = [:]
    private let environment: String?
    private let overlaid: EnvironmentFiles
    /// The overlays that no document asked for yet.
    private var unused: [String: Overlay]
    /// Whether some document's name couldn't be read: which overlays it would have used is then unknown.
    private var hasNamelessDocument = false

    init(diagnostics: [Diagnostic], environment: String?, overlaid: EnvironmentFiles = EnvironmentFiles()) {
        self.diagnostics = diagnostics + overlaid.diagnostics
        self.environment = environment
        self.overlaid = overlaid
        unused = overlaid.overlays
    }

    mutating func add(_ fault: FileFinder.Fault) {
        diagnostics.append(fault.diagnostic)
        hasNamelessDocument = true
    }

    mutating func add(_ source: SourceText) {
        let (documents, log) = YAMLReader.read(source)
        if log.errorCount > 0 { hasNamelessDocument = true }
        var faults = FaultLog(source: source, others: overlaid.sources, diagnostics: log.diagnostics)
        for document in documents { add(document, &faults) }
        if documents.isEmpty, log.errorCount == 0 {
            faults.warning(
                .noEndpoint, at: .start, "there is no endpoint in this file",
                help: "write one, or remove the file; with --prune, what it held before goes")
        }
        finish(faults)
    }

    /// The documents of the environment's files that are no overlays: endpoints of this environment alone.
    mutating func addEnvironment() {
        guard let first = overlaid.sources.first else { return }
        var faults = FaultLog(source: first, others: overlaid.sources)
        for document in overlaid.documents { add(document, &faults) }
        finish(faults)
    }

    private mutating func finish(_ log: FaultLog) { diagnostics += log.diagnostics }

    private mutating func add(_ document: YAMLNode, _ log: inout FaultLog) {
        var source = SourceDocument(base: document, files: ([log.source] + log.others).map(\.file))
        if !Overlay.isOverlay(document), let name = document.value("metadata")?.value("name")?.text,
            let overlay = overlaid.overlays[name]
        {
            unused[name] = nil
            var merge = OverlayMerge(log: log)
            source.merged = merge.merged(document, overlay.root)
            source.removals = merge.removals
            log = merge.log
        }
        var decoder = DocumentDecoder(log: log, environment: environment)
        let result = decoder.decode(source.root)
        log = decoder.log
        if result.name == nil { hasNamelessDocument = true }
        let isUnique = claim(result, in: &log)
        if let endpoint = result.endpoint, isUnique {
            endpoints.append(
                LoadedEndpoint(
                    endpoint: endpoint, file: log.source(of: result.position).file, line: result.position.line))
            documents[endpoint.name] = source
        }
    }

    /// Takes the document's name and hosts, unless another has them.
    private mutating func claim(_ result: DocumentDecoder.Result, in log: inout FaultLog) -> Bool {
        var isUnique = true
        if let name = result.name {
            let place = "\(log.source(of: name.position).file):\(name.position.line)"
            if let first = names[name.value] {
                log.error(
                    .duplicateEndpoint, at: name.position,
                    "the endpoint '\(name.value)' is declared twice; first at \(first)",
                    expected: "one document an endpoint",
                    help: name.position.source > 0 ? "to change it for one environment, write kind: Overlay" : nil)
                // Its hosts are the same endpoint's: one message is enough.
                return false
            }
            names[name.value] = place
        }
        for host in result.hosts {
            if let first = hosts[host.value] {
                log.error(
                    .duplicateHost, at: host.position,
                    "the host '\(host.value)' belongs to another endpoint; see \(first)",
                    expected: "each host at one endpoint")
                isUnique = false
            } else {
                hosts[host.value] = "\(log.source(of: host.position).file):\(host.position.line)"
            }
        }
        return isUnique
    }

    /// An overlay of an endpoint that no file declares.
    private mutating func reportUnused() {
        guard !hasNamelessDocument, let first = overlaid.sources.first else { return }
        var log = FaultLog(source: first, others: overlaid.sources)
        let known = names.keys.map(\.rawValue).sorted()
        for overlay in unused.values.sorted(by: { $0.name.position < $1.name.position }) {
            let name = overlay.name.value
            log.error(
                .unknownEndpoint, at: overlay.name.position,
                "the overlay changes the endpoint \(quoted(name)), which no file declares",
                expected: known.isEmpty ? nil : alternatives(known),
                help: NearMiss.suggestion(for: name, among: known).map { "did you mean '\($0)'?" })
        }
        diagnostics += log.diagnostics
    }

    /// - Parameter isWhole: Whether all files of the directory were read, so that every overlay has its endpoint.
    consuming func result(isWhole: Bool = true) -> LoadResult {
        if isWhole { reportUnused() }
        return LoadResult(
            endpoints: endpoints.sorted { $0.endpoint.name < $1.endpoint.name },
            diagnostics: diagnostics.sorted { left, right in
                left.file == right.file
                    ? (left.line, left.column) < (right.line, right.column)
                    : Array(left.file.utf8).lexicographicallyPrecedes(Array(right.file.utf8))
            },
            environment: environment, documents: documents)
    }
}
