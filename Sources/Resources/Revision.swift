/// An immutable, numbered state of one endpoint.
///
/// Revisions of an endpoint are numbered 1, 2, 3, … without holes and are never changed: going back makes a new one.
package struct Revision: Sendable, Hashable, Codable {
    package var endpoint: EndpointName
    /// 1 or more, counted for each endpoint by itself.
    package var number: Int
    /// The release that recorded it.
    package var release: Int
    package var origin: RevisionOrigin
    /// Whether it went live when it was recorded. One that waited for a hold never did: what became live later is a
    /// revision of its own.
    package var active: Bool
    /// Whether it says that the endpoint is gone. Content and ranges then are the last that were live.
    package var removed: Bool
    /// The older revision whose content and buckets it brought back.
    package var restores: Int?
    /// Every variant's model is a version here, never an alias.
    package var content: Endpoint
    /// SHA-256 of the content's canonical JSON, in hexadecimal.
    package var digest: String
    /// The buckets that each variant owns; one with a share of 0 is left out. For a revision that waits: what it
    /// would have got when it was recorded.
    package var ranges: [VariantName: [BucketRange]]
    package var actor: String
    package var reason: String?
    package var commit: String?
    package var createdAt: Timestamp

    package init(
        endpoint: EndpointName, number: Int, release: Int, origin: RevisionOrigin, active: Bool,
        removed: Bool = false, restores: Int?, content: Endpoint, digest: String,
        ranges: [VariantName: [BucketRange]], actor: String, reason: String?, commit: String?, createdAt: Timestamp
    ) {
        self.endpoint = endpoint
        self.number = number
        self.release = release
        self.origin = origin
        self.active = active
        self.removed = removed
        self.restores = restores
        self.content = content
        self.digest = digest
        self.ranges = ranges
        self.actor = actor
        self.reason = reason
        self.commit = commit
        self.createdAt = createdAt
    }
}

/// What made a revision or a release.
package enum RevisionOrigin: String, Sendable, Hashable, Codable, CaseIterable {
    case apply
    case promote
    case rollback
    case resume
    case holdExpiry = "hold_expiry"
}
