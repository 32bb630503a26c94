import Resources

/// What the files read so far hold, and what must be unique over all of them.
struct Gathered {
    private(set) var diagnostics: [Diagnostic]
    private var endpoints: [LoadedEndpoint] = []
    private var names: [EndpointName: String] = [:]
    private var hosts: [String: String] = [:]

    init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

    mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    mutating func add(_ source: SourceText, environment: String?) {
        let (documents, log) = YAMLReader.read(source)
        var decoder = DocumentDecoder(log: log, environment: environment)
        for document in documents {
            let result = decoder.decode(document)
            let isUnique = claim(result, in: &decoder.log)
            if let endpoint = result.endpoint, isUnique {
                endpoints.append(LoadedEndpoint(endpoint: endpoint, file: source.file, line: result.position.line))
            }
        }
        diagnostics += decoder.log.diagnostics.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    /// Takes the document's name and hosts, unless another has them.
    private mutating func claim(_ result: DocumentDecoder.Result, in log: inout FaultLog) -> Bool {
        var isUnique = true
        if let name = result.name {
            let place = "\(log.source.file):\(name.position.line)"
            if let first = names[name.value] {
                log.error(
                    .duplicateEndpoint, at: name.position,
                    "the endpoint '\(name.value)' is declared twice; first at \(first)",
                    expected: "one document an endpoint")
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
                hosts[host.value] = "\(log.source.file):\(host.position.line)"
            }
        }
        return isUnique
    }

    func result() -> LoadResult {
        LoadResult(
            endpoints: endpoints.sorted { $0.endpoint.name < $1.endpoint.name }, diagnostics: diagnostics)
    }
}
