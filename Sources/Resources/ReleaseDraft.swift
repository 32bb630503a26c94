/// What a release changes, decided to the last detail: whoever writes it has no choice left.
package struct ReleaseDraft: Sendable, Hashable {
    package var origin: RevisionOrigin
    package var note: ReleaseNote
    /// One for each endpoint that changes, by name.
    package var endpoints: [EndpointDraft]

    package init(origin: RevisionOrigin, note: ReleaseNote, endpoints: [EndpointDraft]) {
        self.origin = origin
        self.note = note
        self.endpoints = endpoints
    }

    /// Whether a new release is needed. A hold alone, or its end alone, changes nothing that is live.
    package var hasRevisions: Bool { endpoints.contains { $0.revision != nil } }
}

/// An endpoint's next state.
package struct EndpointDraft: Sendable, Hashable {
    /// A revision without what only its release can say.
    package struct NewRevision: Sendable, Hashable {
        package var number: Int
        package var active: Bool
        /// Whether it says that the endpoint is gone; the content then is the last that was live.
        package var removed: Bool
        package var restores: Int?
        package var content: Endpoint
        package var ranges: [VariantName: [BucketRange]]

        package init(
            number: Int, active: Bool, removed: Bool = false, restores: Int?, content: Endpoint,
            ranges: [VariantName: [BucketRange]]
        ) {
            self.number = number
            self.active = active
            self.removed = removed
            self.restores = restores
            self.content = content
            self.ranges = ranges
        }
    }

    package struct NewHold: Sendable, Hashable {
        package var kind: Hold.Kind
        package var by: String
        package var reason: String?
        package var until: Timestamp?

        package init(kind: Hold.Kind, by: String, reason: String?, until: Timestamp?) {
            self.kind = kind
            self.by = by
            self.reason = reason
            self.until = until
        }
    }

    package var endpoint: EndpointName
    package var isNew: Bool
    /// Whether what is live is that it is gone.
    package var removed: Bool
    package var source: String?
    package var revision: NewRevision?
    package var latestRevision: Int
    package var activeRevision: Int
    package var appliedRevision: Int
    package var waitingRevision: Int?
    package var bucketMap: String
    /// The hosts of what is live, of what git says and of what waits: all that may become live without being asked again.
    package var hosts: [String]
    /// Ends the hold that stands.
    package var endsHold: Hold.End?
    package var makesHold: NewHold?

    package init(
        endpoint: EndpointName, isNew: Bool, removed: Bool = false, source: String?, revision: NewRevision?,
        latestRevision: Int, activeRevision: Int, appliedRevision: Int, waitingRevision: Int?, bucketMap: String,
        hosts: [String], endsHold: Hold.End?, makesHold: NewHold?
    ) {
        self.endpoint = endpoint
        self.isNew = isNew
        self.removed = removed
        self.source = source
        self.revision = revision
        self.latestRevision = latestRevision
        self.activeRevision = activeRevision
        self.appliedRevision = appliedRevision
        self.waitingRevision = waitingRevision
        self.bucketMap = bucketMap
        self.hosts = hosts
        self.endsHold = endsHold
        self.makesHold = makesHold
    }
}
