import ControlAPITypes
import Resources

extension ApplyRequest: Described {
    package static let about = "What an apply or a plan asks for: all of these endpoints, or none."
    package static let notes: [String: FieldNote] = [
        "endpoints": "The endpoints, each once.",
        "environment": FieldNote("What `{env}` stands for in backends.", example: "production"),
        "baseRelease": .count(
            "The release that the caller's plan was made against; refused when what would change has changed since.",
            example: 9),
        "reason": .reason, "commit": FieldNote("The commit that the files are of.", example: "4f1c2d"),
        "source": FieldNote("Where the files come from.", example: "github.com/acme/models//endpoints"),
        "inventory":
            "Every endpoint that the source holds, changed or not; absent when the files may be only a part of it.",
        "prune": "Whether endpoints of the source that the inventory misses are removed.",
        "adopt": "Whether endpoints of other sources become this one's.",
        "expected": "What the caller was shown; applied exactly, or refused with what differs.",
    ]
}

extension PlanExpectation: Described {
    package static let about = "A plan as far as applying it exactly takes it."
    package static let notes: [String: FieldNote] = [
        "registry": FieldNote("The registry that made the plan.", example: "0b6f5a1e-9d0e-4c43-8a53-6e1f0c1d7f7e"),
        "changes": "Without those that change nothing.",
    ]
}

extension PromoteRequest: Described {
    package static let about = "Gives a variant a share of the traffic at once."
    package static let notes: [String: FieldNote] = [
        "variant": "The variant's name.", "traffic": "Its share in per cent; absent: all of it.",
        "holdFor": .holdFor, "reason": .reason, "takeOver": .takeOver,
    ]
}

extension RollbackRequest: Described {
    package static let about = "Brings an endpoint back to an older revision."
    package static let notes: [String: FieldNote] = [
        "toRevision": .ordinal("Absent: what was live before and said something else.", example: 3),
        "holdFor": .holdFor, "reason": .reason, "takeOver": .takeOver,
    ]
}

extension ReleaseRollbackRequest: Described {
    package static let about = "Brings every endpoint back to what it was at a release."
    package static let notes: [String: FieldNote] = [
        "release": .ordinal("The release.", example: 8), "holdFor": .holdFor, "reason": .reason,
        "takeOver": .takeOver,
    ]
}

extension ResumeRequest: Described {
    package static let about = "Releases an endpoint's hold."
    package static let notes: [String: FieldNote] = ["reason": .reason]
}

extension ChangeOutcome: Described {
    package static let about = "What an apply, promote, rollback or resume did."
    package static let notes: [String: FieldNote] = [
        "status": "Whether it is live, changed nothing, or waits for a hold.",
        "release": .count("The release that it made, or the newest one when it made none.", example: 10),
        "changes": "By endpoint.",
        "notes": "What else is worth saying: whose hold was released or taken over.",
    ]
}

extension Plan: Described {
    package static let about = "What an apply would change."
    package static let notes: [String: FieldNote] = [
        "baseRelease": .count("The release that it was made against.", example: 9),
        "registry": FieldNote("The registry that made it.", example: "0b6f5a1e-9d0e-4c43-8a53-6e1f0c1d7f7e"),
        "changes": "By endpoint, also those that don't change.",
        "orphans": "What the source once declared and its files no longer do; pruning would remove it.",
        "drift": "Where what is live differs from what git said last.",
    ]
}

extension Drift: Described {
    package static let about = "A way in which what is live differs from what git said last, and why."
    package static let notes: [String: FieldNote] = [
        "endpoint": "The endpoint's name.", "reason": "Why.",
        "message": FieldNote("What differs.", example: "challenger fraud/2 100 % instead of 10 %"),
    ]
}

extension EndpointChange: Described {
    package static let about = "One endpoint's part of a plan or a change."
    package static let notes: [String: FieldNote] = [
        "endpoint": "The endpoint's name.", "action": "What happens to it.",
        "fromRevision": .ordinal("The live revision before; null for a new endpoint.", example: 3),
        "toRevision": .ordinal("The revision that the change makes; null when it makes none.", example: 4),
        "before": "The split before.", "after": "The split after.", "moves": "Who moves.",
        "fields": "What differs besides the split.", "held": "The hold that stands on it.",
        "warnings": "What is worth a look.",
    ]
}

extension Move: Described {
    package static let about = "A share of all routing keys that goes from one variant to another."
    package static let notes: [String: FieldNote] = [
        "from": "Who served them.", "to": "Who serves them then.", "share": "How many, in per cent of all keys.",
    ]
}

extension FieldChange: Described {
    package static let about = "A field of an endpoint that differs."
    package static let notes: [String: FieldNote] = [
        "path": FieldNote("Which.", example: "spec.timeout"),
        "before": FieldNote("Absent: was not there.", example: "250ms"),
        "after": FieldNote("Absent: is no longer there.", example: "500ms"),
    ]
}

extension Release: Described {
    package static let about = "A numbered snapshot of all endpoints: what one change made."
    package static let notes: [String: FieldNote] = [
        "number": .ordinal("1 or more, without holes.", example: 9), "origin": "What made it.",
        "actor": FieldNote("Who made it.", example: "ci"), "reason": .reason,
        "commit": FieldNote("The commit that the files were of.", example: "4f1c2d"),
        "source": FieldNote("Where the files came from.", example: "github.com/acme/models//endpoints"),
        "createdAt": "When.", "endpoints": "The endpoints that it recorded a revision of.",
    ]
}

extension Convergence: Described {
    package static let about = "How far the proxies have got with a release."
    package static let notes: [String: FieldNote] = [
        "release": .count("The release.", example: 9),
        "generation": .ordinal("The first generation that holds it; absent until its table is compiled.", example: 9),
        "live": .count("Proxies heard of within the last 15 seconds.", example: 2),
        "inStep": .count("Live ones that serve that generation or a later one.", example: 2),
    ]
}

extension ProxyRecord: Described {
    package static let about = "The last that was heard of a proxy."
    package static let notes: [String: FieldNote] = [
        "report": "What it said.", "lastSeen": "When. It is live for 15 seconds from then.",
    ]
}

extension ProxyReport: Described {
    package static let about = "What a proxy says about itself."
    package static let notes: [String: FieldNote] = [
        "id": FieldNote(
            "Stays the same over restarts of the same proxy.", example: "proxy-1",
            rules: ["minLength": 1, "maxLength": 255]),
        "incarnation": FieldNote("Differs after every start.", example: "6c1f"),
        "address": FieldNote("Where it takes scoring requests.", example: "10.0.0.5:8800"),
        "adminAddress": FieldNote("Where its metrics are.", example: "10.0.0.5:8801"),
        "generation": .count("Of the table that it serves; 0 for none yet.", example: 9),
        "digest": FieldNote("XXH64 of that table; empty for none yet.", example: "44bc2cf5ad770999"),
        "unhealthy": "Which backends of that table get no requests now: `host:port` and the path of the check.",
        "refusal": FieldNote(
            "Why it does not serve the newest table that it was sent; absent when it does.",
            example: "The routing table has format 5; this version reads 2 to 4.", rules: ["maxLength": 1000]),
    ]
}

extension ServerVersion: Described {
    package static let about = "Which version of Turnout answers."
    package static let notes: [String: FieldNote] = ["version": FieldNote("Its number.", example: "0.1.0")]
}

extension ServerHealth: Described {
    package static let about = "All is well: anything else is an error."
    package static let notes: [String: FieldNote] = [
        "status": FieldNote("Always `ok`.", example: "ok", rules: ["const": "ok"])
    ]
}

extension ErrorEnvelope: Described {
    package static let about = "The body of every answer that is not a success."
    package static let notes: [String: FieldNote] = ["error": "What went wrong."]
}

extension ErrorEnvelope.Body: Described {
    package static let about = "What went wrong."
    package static let notes: [String: FieldNote] = [
        "code": "What a program may go by.",
        "message": FieldNote(
            "What happened and what to do about it, for people.",
            example: "There is no model 'froud'; did you mean 'fraud'?"),
        "requestId": FieldNote(
            "Names the request in the server's log.", example: "5c0d2a2f8f0e4c4f9a1c22b0d4e3b0c4"),
        "faults": "What is wrong with the endpoints that were sent, all at once; absent where that is not the matter.",
    ]
}

extension EndpointFault: Described {
    package static let about = "A fault of an endpoint that its files don't show, and which of its fields has it."
    package static let notes: [String: FieldNote] = [
        "code": "What a program may go by.", "endpoint": "The endpoint's name.",
        "variant": "The variant's name; absent where the fault is not a variant's.",
        "field": FieldNote("The field, as a path.", example: "spec.variants[champion].model"),
        "message": FieldNote("What is wrong, for people.", example: "the model 'froud' is not registered"),
        "expected": FieldNote("What would be right.", example: "fraud/1 to fraud/12"),
        "suggestion": FieldNote("What to do about it.", example: "did you mean 'fraud'?"),
    ]
}

extension Page: Described {
    package static var about: String { "A page of a list." }
    package static var notes: [String: FieldNote] {
        [
            "items": "In the list's order.",
            "nextCursor": FieldNote("For the next page; absent on the last one.", example: "fraud"),
        ]
    }
}
