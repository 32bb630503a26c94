/// The keys of one kind of mapping in an endpoint file: what the parser takes, and what the reference documents.
struct KeyTable: Sendable {
    /// What the mapping is called in messages.
    let subject: String
    /// How the reference writes the way to it: `spec.variants[]`.
    var path: String
    let keys: [String]
    let required: [String]
    /// Keys of the product's contract that are refused until they are built.
    let notSupportedYet: [String]

    init(_ subject: String, path: String, keys: [String], required: [String] = [], notSupportedYet: [String] = []) {
        self.subject = subject
        self.path = path
        self.keys = keys
        self.required = required
        self.notSupportedYet = notSupportedYet
    }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    static let document = KeyTable(
        "an endpoint document", path: "", keys: ["apiVersion", "kind", "metadata", "spec"],
        required: ["apiVersion", "kind", "metadata", "spec"])
    static let metadata = KeyTable("metadata", path: "metadata", keys: ["name", "owner"], required: ["name"])
    static let spec = KeyTable(
        "spec", path: "spec",
        keys: ["hosts", "routingKey", "salt", "backends", "timeout", "retry", "health", "overrides", "variants"],
        required: ["variants"],
        notSupportedYet: ["fallback", "cache", "shadows", "rollout", "experiment", "schema", "async"])
    static let routingKey = KeyTable(
        "routingKey", path: "spec.routingKey", keys: ["header", "cookie", "query", "onMissing"],
        notSupportedYet: ["json"])
    static let retry = KeyTable("retry", path: "spec.retry", keys: ["attempts", "on", "budget"])
    static let health = KeyTable(
        "health", path: "spec.health", keys: ["path", "every", "timeout", "unhealthyAfter"], required: ["path"])
    static let override = KeyTable(
        "an override", path: "spec.overrides[]", keys: ["when", "use"], required: ["when", "use"])
    static let when = KeyTable("when", path: "spec.overrides[].when", keys: ["header"], required: ["header"])
    static let variant = KeyTable(
        "a variant", path: "spec.variants[]", keys: ["name", "model", "traffic", "backends"],
        required: ["name", "model", "traffic"])

    static let overlay = KeyTable(
        "an overlay", path: "", keys: ["apiVersion", "kind", "metadata", "spec"],
        required: ["apiVersion", "kind", "metadata"])

    /// Every table: what an endpoint's document may hold.
    static let all = [document, metadata, spec, routingKey, retry, health, override, when, variant]
}
