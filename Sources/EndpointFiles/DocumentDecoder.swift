import Resources

/// Reads one document's tree into a `DeclaredEndpoint`, noting every fault and going on after each.
///
/// A method returns `nil` when its part has a fault, which is then in the log; what depends on that part is not
/// judged, so that one mistake gives one message.
struct DocumentDecoder {
    var log: FaultLog
    let environment: String?
    /// The source of the document's own positions; what is from another one, an overlay brought in.
    var ownSource = 0

    init(log: FaultLog, environment: String?) {
        self.log = log
        self.environment = environment
    }

    /// Where the parts are that must be unique over all files; known even if the document has faults elsewhere.
    struct Result {
        var endpoint: DeclaredEndpoint?
        var name: Located<EndpointName>?
        var hosts: [Located<String>] = []
        var position: Position
    }

    mutating func decode(_ root: YAMLNode) -> Result {
        var result = Result(position: root.position)
        let faults = log.errorCount
        ownSource = root.position.source
        guard !reportOverlay(root), isEndpoint(root), let document = section(root, .document) else { return result }
        guard hasKnownHeader(document) else { return result }
        var owner: String?
        if let node = document["metadata"], let metadata = section(node, .metadata) {
            result.name = metadata["name"].flatMap { name(EndpointName.self, $0, key: "name") }
            owner = metadata["owner"].flatMap { text($0, key: "owner", maxBytes: 255) }
        }
        guard let node = document["spec"], let spec = section(node, .spec) else { return result }
        result.hosts = spec["hosts"].map { hosts($0) } ?? []
        let declared = self.spec(spec, hosts: result.hosts.map(\.value))
        if let declared, let name = result.name?.value, log.errorCount == faults {
            result.endpoint = DeclaredEndpoint(name: name, owner: owner, spec: declared)
        }
        return result
    }

    /// An overlay among the documents that are endpoints.
    private mutating func reportOverlay(_ root: YAMLNode) -> Bool {
        guard Overlay.isOverlay(root) else { return false }
        log.error(
            .misplacedOverlay, at: root.value("kind")?.position ?? root.position,
            "an overlay belongs to an environment, and this file to none",
            expected: "a file environments/NAME.yaml of the directory that is loaded",
            help: "turnout validate DIR --env NAME checks it there")
        return true
    }

    /// A YAML file of another program gets one message, not one for each of its keys.
    private mutating func isEndpoint(_ root: YAMLNode) -> Bool {
        if case .mapping(let entries) = root.content {
            let keys = entries.compactMap { entry in
                if case .scalar(let text, _) = entry.key.content { text } else { nil }
            }
            if keys.isEmpty
                || keys.contains(where: { key in
                    NearMiss.suggestion(for: key, among: KeyTable.document.keys) != nil
                })
            {
                return true
            }
        }
        log.error(
            .notAnEndpoint, at: root.position, "this document is not an endpoint",
            expected: "a mapping with apiVersion, kind, metadata and spec",
            help: "keep other programs' files out of the directory")
        return false
    }

    /// - Returns: `false` if the document is of another kind or a later version, whose keys are unknown here.
    private mutating func hasKnownHeader(_ document: Section) -> Bool {
        var isKnown = true
        if let node = document["apiVersion"] { isKnown = isKnownVersion(node) }
        if let node = document["kind"], let kind = plainText(node, key: "kind"), kind != "Endpoint" {
            let nearMiss = NearMiss.suggestion(for: kind, among: ["Endpoint", "Overlay"])
            log.error(
                .invalidValue, at: node.position, "kind \(quoted(kind)) is not known", expected: "Endpoint or Overlay",
                help: nearMiss.map { "did you mean '\($0)'?" })
            isKnown = isKnown && nearMiss == "Endpoint"
        }
        return isKnown
    }

    /// - Returns: `false` for a later version, whose keys are unknown here.
    mutating func isKnownVersion(_ node: YAMLNode) -> Bool {
        guard let version = plainText(node, key: "apiVersion"), version != "turnout/v1" else { return true }
        log.error(
            .invalidValue, at: node.position, "apiVersion \(quoted(version)) is not known", expected: "turnout/v1")
        return !version.hasPrefix("turnout/v")
    }
}
