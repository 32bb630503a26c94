import Resources

/// What an endpoint file may hold, key by key: the parser, the JSON Schema and the reference are all made of, or held
/// against, these tables.
extension KeyTable {
    static let document = KeyTable(
        "an endpoint document", path: "",
        entries: [
            Key(
                "apiVersion", .words(["turnout/v1"]),
                "`turnout/v1`",
                fallback: "required", examples: ["turnout/v1"]),
            Key(
                "kind", .words(["Endpoint"]),
                "`Endpoint`; of an [overlay](#overlays), `Overlay`",
                fallback: "required", examples: ["Endpoint"]),
            Key(
                "metadata", .mapping(.metadata),
                "a mapping",
                fallback: "required"),
            Key(
                "spec", .mapping(.spec),
                "a mapping",
                fallback: "required"),
        ])
    static let metadata = KeyTable(
        "metadata", path: "metadata",
        entries: [
            Key(
                "name", .endpointName,
                "The endpoint's name, unique over all files: 1 to 63 lower-case letters, digits and `-`, not at "
                    + "either end. Not `v1`, `v2` or `endpoints`, which paths of the scoring protocols begin with",
                fallback: "required", examples: ["fraud"]),
            Key(
                "owner", .text(maxBytes: 255),
                "Who answers for the endpoint: free text of at most 255 bytes",
                fallback: "none", examples: ["risk-ml"]),
        ])
    static let spec = KeyTable(
        "spec", path: "spec",
        entries: [
            Key(
                "hosts", .list(.host, most: EndpointSpec.listLimit),
                "Host names that belong to this endpoint whole, besides the path `/NAME/…`: DNS names or IPv4 "
                    + #"addresses without a port, in any case, each at one endpoint only. `"*"` (with its quotes) takes "#
                    + "every host that no endpoint lists",
                fallback: "none"),
            Key(
                "routingKey", .mapping(.routingKey),
                "Where the value stands by which requests are split: one of `header`, `cookie`, `query`, and "
                    + "perhaps `onMissing`",
                fallback: "every request is split at random"),
            Key(
                "salt", .text(maxBytes: EndpointSpec.saltBytesLimit),
                "Hashed before the routing key, 1 to 255 bytes. Another salt deals all keys anew",
                fallback: "the endpoint's name", examples: ["fraud-2026q4"]),
            Key(
                "backends", .list(.backend, least: 1, most: EndpointSpec.backendsLimit, isUnique: true),
                "A list of [backends](#backends) for every variant that names none",
                fallback: "none"),
            Key(
                "timeout", .interval,
                "From the request's first byte to the answer's last: `1ms` to `1h`",
                fallback: "`30s`", examples: ["250ms", "30s"]),
            Key(
                "retry", .mapping(.retry),
                "a mapping",
                fallback: "as below"),
            Key(
                "limits", .mapping(.limits),
                "How much of one proxy the endpoint may take; what is more is answered 503 at once, never queued",
                fallback: "as below"),
            Key(
                "health", .mapping(.health),
                "An active check: `GET path` at every backend, where any 2xx is healthy",
                fallback: "backends are judged by connecting alone"),
            Key(
                "overrides", .list(.mapping(.override), most: EndpointSpec.listLimit),
                "A list; the first that matches wins over the split",
                fallback: "none"),
            Key(
                "variants", .variants,
                "A list of one or more variants",
                fallback: "required"),
        ], notSupportedYet: ["fallback", "cache", "shadows", "rollout", "experiment", "schema", "async"])
    static let routingKey = KeyTable(
        "routingKey", path: "spec.routingKey",
        entries: [
            Key(
                "header", .token,
                "A header's name; case does not matter",
                fallback: "", examples: ["x-user-id"]),
            Key(
                "cookie", .token,
                "A cookie's name; case matters",
                fallback: "", examples: ["uid"]),
            Key(
                "query", .queryName,
                "A query parameter's name; case matters",
                fallback: "", examples: ["user"]),
            Key(
                "onMissing", .variantReference,
                "What becomes of a request without the key: `random` (a new bucket each time), `reject` (answered "
                    + "400), or the name of a variant",
                fallback: "`random`", examples: ["random", "reject", "champion"]),
        ], notSupportedYet: ["json"])
    static let retry = KeyTable(
        "retry", path: "spec.retry",
        entries: [
            Key(
                "attempts", .integer(RetryPolicy.attemptsRange),
                "Sendings beyond the first: 0 to 10",
                fallback: "`1`", examples: ["1"]),
            Key(
                "on", .list(.words(RetryPolicy.Condition.allCases.map(\.rawValue)), least: 1, most: 16, isUnique: true),
                "When to send again, to another backend of the same variant: `connect` (no connection could be made), "
                    + "`reset` (the connection ended before anything of the answer came), `502`, `503`, `504` (that was "
                    + "the answer, and the whole request is still at hand). All but `connect` may have a scorer see a "
                    + "request twice, a POST too",
                fallback: "`[connect]`"),
            Key(
                "budget", .share,
                "Retries may be at most this share of the endpoint's requests",
                fallback: "`20%`", examples: ["20%"]),
            Key(
                "perTryTimeout", .interval,
                "How long a sending may go without anything of the answer: then another backend is asked, where `attempts` "
                    + "and `budget` allow, and the wait goes on where they don't: `1ms` to `1h`. A scorer may so see a "
                    + "request that another one answers, a POST too",
                fallback: "none", examples: ["100ms"]),
            Key(
                "hedgeAfter", .interval,
                "How long a sending may go without anything of the answer before the request is sent to another backend "
                    + "as well, where `attempts` and `budget` allow; the first good answer is taken: `1ms` to `1h`, below "
                    + "`perTryTimeout` and `timeout`. Two scorers may so work on one request, a POST too",
                fallback: "never", examples: ["20ms"]),
        ])
    static let limits = KeyTable(
        "limits", path: "spec.limits",
        entries: [
            Key(
                "maxConcurrency", .integer(EndpointLimits.range),
                "Requests at one time at one proxy, over all its threads: 1 to 1000000",
                fallback: "half of the connections that each thread takes", examples: ["200"]),
            Key(
                "maxConnectionsPerBackend", .integer(EndpointLimits.range),
                "Connections from one proxy to one backend that carry a request, over the endpoints that have this limit: "
                    + "1 to 1000000. Other backends are asked where one is full",
                fallback: "none", examples: ["32"]),
        ])
    static let health = KeyTable(
        "health", path: "spec.health",
        entries: [
            Key(
                "path", .path,
                "Starts with `/`; printable ASCII without blanks and `#`",
                fallback: "required in `health`", examples: ["/v2/health/ready"]),
            Key(
                "every", .interval,
                "`100ms` to `1h`",
                fallback: "`2s`", examples: ["2s"]),
            Key(
                "timeout", .interval,
                "`100ms` to `1h`",
                fallback: "`1s`", examples: ["1s"]),
            Key(
                "unhealthyAfter", .integer(HealthCheck.unhealthyAfterRange),
                "Failures in a row until a backend gets no more requests: 1 to 100",
                fallback: "`3`", examples: ["3"]),
        ])
    static let override = KeyTable(
        "an override", path: "spec.overrides[]",
        entries: [
            Key(
                "when", .mapping(.when),
                "a mapping",
                fallback: "required"),
            Key(
                "use", .variantReference,
                "The name of a variant",
                fallback: "required", examples: ["challenger"]),
        ])
    static let when = KeyTable(
        "when", path: "spec.overrides[].when",
        entries: [
            Key(
                "header", .header,
                "One header and the exact value it must have: `{ x-canary: insider }`. The name's case does not "
                    + "matter, the value's does",
                fallback: "required")
        ])
    static let variant = KeyTable(
        "a variant", path: "spec.variants[]",
        entries: [
            Key(
                "name", .variantName,
                "Unique in the endpoint, spelt as an endpoint's name; not `random`, `reject` or `rest`",
                fallback: "required", examples: ["champion"]),
            Key(
                "model", .version,
                "A version: `fraud/12`, or an alias: `fraud@champion`; both also with `models:/` before them. An "
                    + "alias is resolved when the file is applied, never at request time",
                fallback: "required", examples: ["fraud/12", "fraud@champion", "models:/fraud/12"]),
            Key(
                "traffic", .shareOrRest,
                "The variant's [share](#traffic), or `rest`",
                fallback: "required", examples: ["90", "0.01", "12.5%", "rest"]),
            Key(
                "backends", .list(.backend, least: 1, most: EndpointSpec.backendsLimit, isUnique: true),
                "A list of [backends](#backends), at least one",
                fallback: "those of `spec`"),
        ])
    static let overlayVariant = KeyTable(
        "a variant of an overlay", path: "spec.variants[]",
        entries: [
            Key(
                "remove", .words(["true"]),
                "`true`: this environment does not have the variant. Only `name` stands beside it",
                fallback: "the variant stays", examples: ["true"])
        ])

    static let overlay = KeyTable(
        "an overlay", path: "", entries: document.entries, required: ["apiVersion", "kind", "metadata"])

    /// Every table: what an endpoint's document may hold.
    static let all = [document, metadata, spec, routingKey, retry, limits, health, override, when, variant]
}
