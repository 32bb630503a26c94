import ControlPlane
import Resources

/// What the document says of the API as a whole, and of what several operations share.
enum DocumentWords {
    static let introduction = """
        Everything that `turnout` does on the command line goes through these operations.

        **Who asks.** A token is sent as `Authorization: Bearer tko_…`. Each has a role: `viewer` reads; `operator` also \
        registers, applies, promotes and rolls back; `admin` also deletes, and gives and takes tokens; `proxy` is for \
        proxies alone, which take routing tables and report.

        **Once.** A change takes the header `idempotency-key`, a name of the caller's choice for one intent. Sent again \
        with the same key by the same caller, it has no second effect, and is answered as the first time; with the same \
        key and another path, parameter or body it is refused with 409, `conflict`. Keys are kept for \
        \(retentionDays) days. So a request whose answer was lost, or that was answered 502, 503 or 504, can always be \
        sent again with its key.

        **Lost updates.** What is edited (a model, a version, an alias) is answered with an `etag`. Sent back as \
        `if-match` with a change, the change is refused with 412, `precondition_failed`, when someone was there in \
        between; the message says who.

        **Lists** come in pages: `limit` says how many items at most, and `nextCursor` of an answer goes into `cursor` of \
        the next request. On the last page it is missing.

        **Refusals** are all `{"error": {"code", "message", "requestId", "details"}}`. The code is one of a fixed list, \
        and says what a program may do about it; the message is for people; the request id stands in the server's log \
        and in the header `x-request-id`. A field or parameter that an operation does not have is refused, not ignored.
        """

    private static var retentionDays: Int64 { ControlPlane.answerRetention.components.seconds / 86_400 }

    static let tags: [(name: String, about: String)] = [
        ("models", "Models, their versions and aliases."),
        ("artifacts", "Bytes that belong to versions, addressed by SHA-256."),
        ("endpoints", "The names that clients send scoring requests to, and who answers for them."),
        ("plans", "What a change would do."),
        ("releases", "Numbered snapshots of all endpoints: what each change made."),
        ("proxies", "What proxies ask, say, and are known to serve."),
        ("tokens", "Who may use this API."),
        ("audit", "Who changed what, when and why."),
        ("system", "The server itself."),
    ]

    static func tag(of path: String) -> String {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[1] == "v1" else { return "system" }
        return ["version", "healthz", "readyz"].contains(parts[2]) ? "system" : String(parts[2])
    }

    static let pathParameters: [String: (about: String, schema: JSONTree)] = [
        "model": ("The model's name.", ModelName.schema),
        "version": ("The version's number.", ["type": "integer", "minimum": 1]),
        "alias": ("The alias.", AliasName.schema),
        "endpoint": ("The endpoint's name.", EndpointName.schema),
        "release": ("The release's number.", ["type": "integer", "minimum": 1]),
        "digest": ("The artifact's digest.", ArtifactDigest.schema),
        "token": ("The token's id.", ["type": "string", "pattern": "^[0-9a-f]{12}$"]),
        "proxy": ("The proxy's id.", ["type": "string", "minLength": 1, "maxLength": 255]),
    ]

    static func meaning(of code: TurnoutError.Code) -> String {
        switch code {
        case .invalid: "the request is malformed or breaks a rule; sent again unchanged it fails again."
        case .invalidFiles: "endpoints have faults, listed in `details` or in the message; nothing was changed."
        case .unauthenticated: "no token, or one that is unknown, expired or revoked."
        case .forbidden: "the token's role does not include this, or a web page asks a server without tokens."
        case .notFound: "there is no such thing; the message may say what was meant."
        case .alreadyExists: "there is one already."
        case .conflict:
            "the state moved on since the caller looked at it, or the idempotency key names another request."
        case .preconditionFailed: "what `if-match` names was changed; the message says by whom."
        case .inUse: "something still uses it; the message says what."
        case .tooLarge: "a body or a list is over its limit."
        case .unavailable: "the database can't be reached, or is too busy; the same request may succeed later."
        case .outcomeUnknown: "the change may or may not have happened: send it again with its idempotency key."
        case .internal: "a fault of the server; its log has the request id."
        }
    }
}
