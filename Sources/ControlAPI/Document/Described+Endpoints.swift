import ControlAPITypes
import Resources

extension Endpoint: Described {
    package static let about = "What one endpoint document says, complete: aliases resolved, defaults filled in."
    package static let notes: [String: FieldNote] = [
        "name": "The endpoint's name.", "owner": .owner, "spec": "The desired state.",
    ]
}

extension DeclaredEndpoint: Described {
    package static let about = "An endpoint as its document declares it; its variants may name versions by aliases."
    package static let notes: [String: FieldNote] = [
        "name": "The endpoint's name.", "owner": .owner, "spec": "The desired state.",
    ]
}

private let specNotes: [String: FieldNote] = [
    "hosts": FieldNote(
        "Host names that belong to this endpoint whole; `*` takes what no other endpoint does.",
        rules: [
            "maxItems": .integer(EndpointSpec.listLimit), "items": ["type": "string", "examples": ["fraud.internal"]],
        ]),
    "routingKey": "What requests are split by; absent: every request at random.",
    "salt": FieldNote("Hashed before the key; absent: the endpoint's name.", example: "fraud-2026q4"),
    "timeout": "From the request's first byte to the answer's last.", "retry": "When a request is sent again.",
    "limits": "How much of one proxy the endpoint may take.",
    "health": "How backends are checked; absent: by connecting alone.",
    "overrides": "The first that matches wins over the split.",
    "variants": FieldNote(
        "Their names are unique, and their shares sum to exactly 100 %.",
        rules: ["minItems": 1, "maxItems": .integer(EndpointSpec.listLimit)]),
]

extension EndpointSpec: Described {
    package static let about = "The desired state of an endpoint."
    package static let notes = specNotes
}

extension DeclaredSpec: Described {
    package static let about = "The desired state of an endpoint, as declared."
    package static let notes = specNotes
}

private let variantNotes: [String: FieldNote] = [
    "name": "The variant's name.", "model": "The version that it serves.",
    "traffic": "Its share of the endpoint's traffic, in per cent.",
    "backends": FieldNote(
        "The less busy of two of them is asked.",
        rules: ["minItems": 1, "maxItems": .integer(EndpointSpec.backendsLimit)]),
]

extension Variant: Described {
    package static let about = "A named arm of an endpoint."
    package static let notes = variantNotes
}

extension DeclaredVariant: Described {
    package static let about = "A named arm of an endpoint, as declared."
    package static let notes = variantNotes
}

extension VariantSummary: Described {
    package static let about = "A variant as plans and diffs show it."
    package static let notes: [String: FieldNote] = [
        "name": "The variant's name.", "model": "The version that it serves.", "traffic": "Its share in per cent.",
    ]
}

extension RoutingKey: Described {
    package static let about = "Where the value that a request is split by stands."
    package static let notes: [String: FieldNote] = [
        "source": "In which part of the request.",
        "name": FieldNote("The header's name (lower case), the cookie's, or the parameter's.", example: "x-user-id"),
        "onMissing": "What becomes of a request without a key.",
    ]
}

extension RetryPolicy: Described {
    package static let about = "When a request is sent again, to another backend of the variant where there is one."
    package static let notes: [String: FieldNote] = [
        "attempts": FieldNote(
            "Sendings beyond the first.", example: 1,
            rules: [
                "minimum": .integer(attemptsRange.lowerBound), "maximum": .integer(attemptsRange.upperBound),
            ]),
        "on": "After what.", "budget": "Retries may be at most this share of the endpoint's requests.",
        "perTryTimeout": "How long a sending may go without anything of the answer before another backend is asked.",
        "hedgeAfter": "How long a sending may go without anything of the answer before another backend is asked too.",
    ]
}

private func limit(_ about: String, example: Int) -> FieldNote {
    FieldNote(
        about, example: .integer(example),
        rules: [
            "minimum": .integer(EndpointLimits.range.lowerBound), "maximum": .integer(EndpointLimits.range.upperBound),
        ])
}

extension EndpointLimits: Described {
    package static let about = "How much of one proxy an endpoint may take; what is more is answered 503 at once."
    package static let notes: [String: FieldNote] = [
        "maxConcurrency": limit(
            "Requests at one time, over all threads; absent: half of the connections that each thread takes.",
            example: 200),
        "maxConnectionsPerBackend": limit(
            "Connections to one backend that carry a request, over the endpoints that have this limit.", example: 32),
    ]
}

extension HealthCheck: Described {
    package static let about = "An active check of every backend; any 2xx is healthy."
    package static let notes: [String: FieldNote] = [
        "path": FieldNote("What is asked with GET.", example: "/v2/health/ready", rules: ["pattern": "^/"]),
        "every": "How often.", "timeout": "How long an answer may take.",
        "unhealthyAfter": FieldNote(
            "Failures in a row until a backend gets no more requests.", example: 3,
            rules: [
                "minimum": .integer(unhealthyAfterRange.lowerBound),
                "maximum": .integer(unhealthyAfterRange.upperBound),
            ]),
    ]
}

extension RoutingOverride: Described {
    package static let about = "Sends requests that carry a header with exactly this value to one variant."
    package static let notes: [String: FieldNote] = [
        "header": FieldNote("The header's name, lower case.", example: "x-canary"),
        "value": FieldNote("Its value.", example: "insider"), "variant": "Who answers.",
    ]
}

extension EndpointStatus: Described {
    package static let about = "Where an endpoint stands."
    package static let notes: [String: FieldNote] = [
        "endpoint": "The endpoint's name.", "owner": .owner, "revision": .ordinal("The live revision.", example: 4),
        "release": .ordinal("The release that made it live.", example: 9),
        "generation": .count("Of the newest routing table; 0 before the first.", example: 9),
        "held": "The hold that stands on it.", "waiting": "What git says, while a hold keeps it from going live.",
        "variants": "What is live, in the file's order.", "proxies": "How far the proxies are.",
        "source": FieldNote(
            "The repository and directory whose files declare it.", example: "github.com/acme/models//endpoints"),
        "drift": "Where what is live differs from what git said last; empty when it doesn't.",
    ]
}

extension EndpointStatus.VariantStatus: Described {
    package static let about = "A live variant."
    package static let notes: [String: FieldNote] = [
        "name": "The variant's name.", "model": "The model's name.",
        "version": .ordinal("The version's number.", example: 12), "traffic": "Its share in per cent.",
        "buckets": "The buckets that it owns, in order; empty when it gets nothing.", "backends": "Its scorers.",
        "healthyBackends": .count(
            "Backends that most of the live proxies call healthy; null while no live proxy says anything.", example: 2),
    ]
}

extension EndpointStatus.Proxies: Described {
    package static let about = "How far the proxies are with an endpoint."
    package static let notes: [String: FieldNote] = [
        "live": .count("Proxies heard of within the last 15 seconds.", example: 2),
        "inStep": .count("Live ones that serve the newest routing table.", example: 2),
    ]
}

extension EndpointStatus.Waiting: Described {
    package static let about = "What git says, while a hold keeps it from going live."
    package static let notes: [String: FieldNote] = [
        "revision": .ordinal("The revision that waits.", example: 5),
        "release": .ordinal("The release that recorded it.", example: 10),
        "commit": FieldNote("The commit that it came from.", example: "4f1c2d"),
        "actor": FieldNote("Who applied it.", example: "ci"), "since": "Since when it waits.",
        "variants": "What it says.",
    ]
}

extension Hold: Described {
    package static let about = "An override by a person or a guard that wins over git until it is released."
    package static let notes: [String: FieldNote] = [
        "by": FieldNote("Who.", example: "ada"), "reason": FieldNote("Why.", example: "error rate doubled"),
        "since": "Since when.", "until": "When it ends by itself; null: it doesn't.", "kind": "What made it.",
    ]
}

extension HoldRecord: Described {
    package static let about = "A hold that stands or once stood on an endpoint."
    package static let notes: [String: FieldNote] = [
        "id": "Rises with every hold.", "hold": "What it was.", "ended": "How it ended; absent while it stands.",
    ]
}

extension HoldRecord.Ending: Described {
    package static let about = "How a hold ended."
    package static let notes: [String: FieldNote] = [
        "at": "When.", "by": FieldNote("Who ended it.", example: "ada"), "why": "What ended it.",
    ]
}

extension Revision: Described {
    package static let about = "An immutable, numbered state of one endpoint."
    package static let notes: [String: FieldNote] = [
        "endpoint": "The endpoint's name.", "number": .ordinal("Counted for each endpoint by itself.", example: 4),
        "release": .ordinal("The release that recorded it.", example: 9), "origin": "What made it.",
        "active": "Whether it went live when it was recorded, or waited for a hold.",
        "removed": "Whether it says that the endpoint is gone; the content then is the last that was live.",
        "restores": .ordinal("The older revision whose content and buckets it brought back.", example: 2),
        "content": "What it says.",
        "digest": FieldNote("SHA-256 of the content's canonical JSON, in hexadecimal.", example: "9f86d081…"),
        "ranges": "The buckets that each variant owns; one without any is left out.",
        "actor": FieldNote("Who made it.", example: "ci"), "reason": FieldNote("Why.", example: "more traffic"),
        "commit": FieldNote("The commit that it came from.", example: "4f1c2d"), "createdAt": "When.",
    ]
}

extension RevisionDifference: Described {
    package static let about = "What lies between two revisions of an endpoint."
    package static let notes: [String: FieldNote] = [
        "endpoint": "The endpoint's name.", "from": .ordinal("The one revision.", example: 3),
        "to": .ordinal("The other revision.", example: 4), "before": "The split of the one.",
        "after": "The split of the other.", "fields": "What differs besides the split.", "moves": "Who moves.",
    ]
}

extension ReleaseDifference: Described {
    package static let about = "What lies between two releases."
    package static let notes: [String: FieldNote] = [
        "from": .count("The one release; 0 for before the first.", example: 8),
        "to": .count("The other release.", example: 9), "changes": "The endpoints that differ, by name.",
    ]
}

extension Explanation: Described {
    package static let about = "Which version a routing key was served at a moment, and who decided so."
    package static let notes: [String: FieldNote] = [
        "endpoint": "The endpoint's name.", "key": FieldNote("The routing key.", example: "user-42"),
        "bucket": FieldNote("The key's bucket.", example: 9102, rules: ["minimum": 0, "maximum": 9999]),
        "variant": "The variant that owned it.", "model": "The model's name.",
        "version": .ordinal("The version's number.", example: 12),
        "revision": .ordinal("The revision that was live.", example: 2),
        "release": .ordinal("The release that made it.", example: 2),
        "commit": FieldNote("The commit that it came from.", example: "4f1c2d"),
        "actor": FieldNote("Who made it.", example: "ada"), "at": "The moment that was asked about.",
    ]
}
