internal import Resources

/// Limits of what callers may write, checked before anything is stored so that the message names the fault.
enum DraftChecks {
    private static let descriptionLimit = 100_000
    private static let tagKeyLimit = 250
    private static let tagValueLimit = 100_000
    private static let entriesLimit = 1000
    private static let lineLimit = 8192
    private static let sourceLimit = 1024

    static func check(_ draft: ModelDraft) throws(TurnoutError) {
        try description(draft.description)
        try tags(draft.tags)
    }

    static func check(_ draft: VersionDraft) throws(TurnoutError) {
        try line(draft.source, "source")
        try line(draft.commit, "commit")
        try line(draft.runID, "runID")
        try line(draft.runLink, "runLink")
        try description(draft.description)
        try tags(draft.tags)
        try count(draft.metrics?.count ?? 0, "metrics")
        try count(draft.artifacts?.count ?? 0, "artifacts")
        for (name, value) in draft.metrics ?? [:] {
            try key(name, "metric")
            guard value.isFinite else {
                throw TurnoutError(.invalid, "The metric '\(name)' is \(value): expected a finite number.")
            }
        }
    }

    static func check(_ annotations: Annotations) throws(TurnoutError) {
        try description(annotations.description)
        try tags(annotations.setTags)
        try count(annotations.removeTags?.count ?? 0, "tags")
        if let both = annotations.removeTags?.first(where: { annotations.setTags?[$0] != nil }) {
            throw TurnoutError(.invalid, "The tag '\(both)' can't be set and removed at once.")
        }
    }

    static func check(_ request: ApplyRequest) throws(TurnoutError) {
        try line(request.commit, "commit")
        if let source = request.source {
            guard (1...sourceLimit).contains(source.unicodeScalars.count), !hasControlCharacters(source) else {
                throw TurnoutError(
                    .invalid, "source takes 1 to \(sourceLimit) characters without control characters.")
            }
        }
        guard request.prune != true || (request.source != nil && request.inventory != nil) else {
            throw TurnoutError(
                .invalid, "Only a source that says all that it holds can be pruned: source and inventory are missing.")
        }
    }

    /// A name that a person gives for other people to read: a token's.
    static func label(_ text: String, _ kind: String) throws(TurnoutError) {
        guard !text.isEmpty, text.unicodeScalars.count <= 255, !hasControlCharacters(text) else {
            throw TurnoutError(.invalid, "A \(kind) takes 1 to 255 characters without control characters.")
        }
    }

    private static func tags(_ tags: [String: String]?) throws(TurnoutError) {
        try count(tags?.count ?? 0, "tags")
        for (name, value) in tags ?? [:] {
            try key(name, "tag")
            guard value.unicodeScalars.count <= tagValueLimit, !value.utf8.contains(0) else {
                throw TurnoutError(
                    .invalid, "The tag '\(name)' takes at most \(tagValueLimit) characters, none of them NUL.")
            }
        }
    }

    private static func key(_ text: String, _ kind: String) throws(TurnoutError) {
        guard !text.isEmpty, text.unicodeScalars.count <= tagKeyLimit, !hasControlCharacters(text) else {
            throw TurnoutError(
                .invalid, "A \(kind)'s name takes 1 to \(tagKeyLimit) characters without control characters.")
        }
    }

    private static func description(_ text: String?) throws(TurnoutError) {
        guard let text else { return }
        guard text.unicodeScalars.count <= descriptionLimit, !text.utf8.contains(0) else {
            throw TurnoutError(.invalid, "description takes at most \(descriptionLimit) characters, none of them NUL.")
        }
    }

    private static func line(_ text: String?, _ field: String) throws(TurnoutError) {
        guard let text else { return }
        guard text.utf8.count <= lineLimit, !hasControlCharacters(text) else {
            throw TurnoutError(.invalid, "\(field) takes at most \(lineLimit) bytes without control characters.")
        }
    }

    private static func count(_ count: Int, _ field: String) throws(TurnoutError) {
        guard count <= entriesLimit else {
            throw TurnoutError(.tooLarge, "There are \(count) \(field): at most \(entriesLimit) are taken.")
        }
    }

    private static func hasControlCharacters(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7f }
    }
}
