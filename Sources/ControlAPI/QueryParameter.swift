import Resources

/// A parameter behind a path's `?`.
struct QueryParameter: Sendable {
    let name: String
    let about: String
    let schema: JSONTree
    let isRequired: Bool

    init(_ name: String, _ about: String, _ schema: JSONTree, isRequired: Bool = false) {
        self.name = name
        self.about = about
        self.schema = schema
        self.isRequired = isRequired
    }

    static let limit = QueryParameter(
        "limit", "How many items at most.",
        [
            "type": "integer", "minimum": 1, "maximum": .integer(PageRequest.maximumLimit),
            "default": .integer(PageRequest.defaultLimit),
        ])
    static let cursor = QueryParameter(
        "cursor", "Where to go on: the `nextCursor` of the page before. Its form is the server's own affair.",
        ["type": "string", "minLength": 1])
    static let page = [limit, cursor]
    static let reason = QueryParameter(
        "reason", "Why, for the audit log.", ["type": "string", "maxLength": 4096])
}
