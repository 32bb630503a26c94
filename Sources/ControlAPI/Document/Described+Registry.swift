import ControlAPITypes
import Resources

extension Model: Described {
    package static let about = "A named family of versions."
    package static let notes: [String: FieldNote] = [
        "name": "The model's name.", "description": FieldNote("For people.", example: "Card fraud, EU"), "tags": .tags,
        "latestVersion": .ordinal("The number of the newest version that was not deleted.", example: 13),
        "aliases": "Each alias with the number of its version.", "createdAt": .createdAt, "createdBy": .createdBy,
        "updatedAt": "When its description changed, or a version was registered or deleted.",
    ]
}

extension ModelDraft: Described {
    package static let about = "What is needed to create a model."
    package static let notes: [String: FieldNote] = [
        "name": "The model's name.",
        "description": FieldNote("For people.", example: "Card fraud, EU", rules: ["maxLength": 100_000]),
        "tags": .tags,
    ]
}

extension Annotations: Described {
    package static let about = "A change of what people write on a model or a version; what is left out stays."
    package static let notes: [String: FieldNote] = [
        "description": FieldNote(
            "The new description.", example: "as of the October data", rules: ["maxLength": 100_000]),
        "setTags": "Tags to set.",
        "removeTags": FieldNote("Tags to remove.", rules: ["maxItems": 1000]),
    ]
}

extension Deletion: Described {
    package static let about = "What every deletion answers."
    package static let notes: [String: FieldNote] = ["deleted": "Whether there was anything to delete."]
}

extension ModelVersion: Described {
    package static let about = "An immutable member of a model. Only its description and its tags may change."
    package static let notes: [String: FieldNote] = [
        "model": "The model's name.", "version": .ordinal("Its number; never reused.", example: 13),
        "source": FieldNote(
            "Where it comes from, a URI; empty when nobody said. Never opened by a server.",
            example: "git+https://example.com/fraud"),
        "commit": FieldNote("Of the code that trained it.", example: "4f1c2d"),
        "runID": FieldNote("The training run that made it, as the tracking system names it.", example: "run-7"),
        "runLink": FieldNote("Where that run can be looked at.", example: "https://mlflow.example.com/#/runs/run-7"),
        "metrics": "What was measured when it was trained, by name.",
        "description": FieldNote("For people.", example: "gradient boosting"), "tags": .tags,
        "aliases": "The aliases that point to it.", "artifacts": "In the order of their names.",
        "createdAt": .createdAt, "createdBy": .createdBy, "updatedAt": "When its description changed.",
    ]
}

extension VersionArtifact: Described {
    package static let about = "An artifact as a version names it."
    package static let notes: [String: FieldNote] = [
        "name": "What the version calls it.", "digest": "Its address.",
        "size": .count("In bytes.", example: 40_960),
    ]
}

extension VersionDraft: Described {
    package static let about = "What is needed to register a version; its number comes from the registry."
    package static let notes: [String: FieldNote] = [
        "source": FieldNote(
            "Where it comes from, a URI.", example: "git+https://example.com/fraud", rules: ["maxLength": 8192]),
        "commit": FieldNote("Of the code that trained it.", example: "4f1c2d", rules: ["maxLength": 8192]),
        "runID": FieldNote("The training run that made it.", example: "run-7", rules: ["maxLength": 8192]),
        "runLink": FieldNote(
            "Where that run can be looked at.", example: "https://mlflow.example.com/#/runs/run-7",
            rules: ["maxLength": 8192]),
        "metrics": "What was measured when it was trained, by name.",
        "description": FieldNote("For people.", example: "gradient boosting", rules: ["maxLength": 100_000]),
        "tags": .tags, "artifacts": "Artifacts that were pushed before, by the name that the version gives them.",
    ]
}

extension VersionReference: Described {
    package static let about = "One version of one model."
    package static let notes: [String: FieldNote] = [
        "model": "The model's name.", "version": .ordinal("The version's number.", example: 12),
    ]
}

extension ModelAlias: Described {
    package static let about = "A movable name for one version."
    package static let notes: [String: FieldNote] = [
        "model": "The model's name.", "alias": "The alias.",
        "version": .ordinal("The number of the version that it points to.", example: 13),
        "updatedAt": "When it was pointed there.", "updatedBy": FieldNote("Who pointed it there.", example: "ada"),
    ]
}

extension AliasAssignment: Described {
    package static let about = "Where an alias is to point."
    package static let notes: [String: FieldNote] = [
        "version": .ordinal("The number of the version.", example: 13),
        "expected": .count(
            "Where the alias must point for the change to go on: a version, or 0 for nowhere. Absent: anywhere.",
            example: 12),
    ]
}

extension AliasChange: Described {
    package static let about = "One move of an alias."
    package static let notes: [String: FieldNote] = [
        "sequence": .ordinal("Grows with every move of any alias.", example: 7), "model": "The model's name.",
        "alias": "The alias.", "version": .ordinal("Where it pointed then; absent: it was deleted.", example: 13),
        "previousVersion": .ordinal("Where it pointed before; absent: there was none.", example: 12),
        "changedAt": "When.", "changedBy": FieldNote("Who moved it.", example: "ada"),
        "reason": FieldNote("Why.", example: "better on unseen rows"),
    ]
}

extension Artifact: Described {
    package static let about = "Bytes that the registry keeps."
    package static let notes: [String: FieldNote] = [
        "digest": "The SHA-256 of the bytes, and so their address.", "size": .count("In bytes.", example: 40_960),
        "createdAt": .createdAt, "createdBy": .createdBy,
    ]
}

extension ArtifactInspection: Described {
    package static let about = "What hashing an artifact anew found."
    package static let notes: [String: FieldNote] = [
        "digest": "The artifact's digest.", "size": .count("In bytes, as pushed.", example: 40_960),
        "damage": FieldNote("What is wrong with it; absent when it is whole.", example: "it is 12 bytes short"),
        "versions": "Versions that it belongs to, at most 100.",
    ]
}

extension ApiToken: Described {
    package static let about = "A token of this API, without its secret."
    package static let notes: [String: FieldNote] = [
        "id": FieldNote(
            "The part of the token that is no secret.", example: "3f9a1c22b0d4", rules: ["pattern": "^[0-9a-f]{12}$"]),
        "name": FieldNote("Whom or what it is for; the actor in the audit log.", example: "ci"),
        "role": "What its bearer may do.", "createdAt": .createdAt, "createdBy": .createdBy,
        "expiresAt": "When it ends; absent: never.", "revokedAt": "When it was ended; absent: it was not.",
        "revokedBy": FieldNote("Who ended it.", example: "ada"),
    ]
}

extension CreatedToken: Described {
    package static let about = "A token just made. Its secret can't be shown again."
    package static let notes: [String: FieldNote] = [
        "secret": FieldNote(
            "To be sent as `Authorization: Bearer tko_…`.", example: "tko_3f9a1c22b0d4_…"),
        "token": "What the registry keeps of it.",
    ]
}

extension TokenDraft: Described {
    package static let about = "What is needed to make a token."
    package static let notes: [String: FieldNote] = [
        "name": FieldNote(
            "Whom or what it is for; the actor in the audit log.", example: "ci",
            rules: ["minLength": 1, "maxLength": 255]),
        "role": "What its bearer may do.", "lifetime": "How long it lasts; for ever without it.",
    ]
}

extension AuditEntry: Described {
    package static let about = "What a change leaves in the audit log."
    package static let notes: [String: FieldNote] = [
        "sequence": .ordinal("1 or more, without holes.", example: 42), "at": "When.",
        "actor": FieldNote("Who.", example: "ada"), "role": "As what.",
        "action": FieldNote("Noun and verb.", example: "model.create"),
        "subject": FieldNote("What was changed.", example: "fraud/12"),
        "reason": FieldNote("Why.", example: "nightly"),
        "detail": FieldNote("The particulars, as JSON text; the hash covers it as written.", example: "{}"),
        "previousHash": FieldNote("Of the entry before, SHA-256 in hexadecimal.", example: "e3b0c442…"),
        "hash": FieldNote("Of this one.", example: "9f86d081…"),
    ]
}

extension AuditVerification: Described {
    package static let about = "What a walk over the whole audit chain found."
    package static let notes: [String: FieldNote] = [
        "entries": .count("How many entries were checked.", example: 42),
        "head": FieldNote(
            "The newest entry's hash; kept elsewhere, it proves later that nothing was cut off.",
            example: "9f86d081…"),
        "fault": FieldNote(
            "The first entry that isn't as it was written; absent when all is well.", example: "entry 7 was changed"),
    ]
}
