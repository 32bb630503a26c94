/// A numbered snapshot of all endpoints: what one apply, promote, rollback, resume or expiry of a hold made.
package struct Release: Sendable, Hashable, Codable {
    /// 1 or more, without holes.
    package var number: Int
    package var origin: RevisionOrigin
    package var actor: String
    package var reason: String?
    package var commit: String?
    /// The repository and directory that the files came from, as the caller named it.
    package var source: String?
    package var createdAt: Timestamp
    /// The endpoints that it recorded a revision of.
    package var endpoints: [EndpointName]

    package init(
        number: Int, origin: RevisionOrigin, actor: String, reason: String?, commit: String?, source: String?,
        createdAt: Timestamp, endpoints: [EndpointName]
    ) {
        self.number = number
        self.origin = origin
        self.actor = actor
        self.reason = reason
        self.commit = commit
        self.source = source
        self.createdAt = createdAt
        self.endpoints = endpoints
    }
}

/// Who makes a release, and what they say about it.
package struct ReleaseNote: Sendable, Hashable, Codable {
    package var actor: String
    package var reason: String?
    package var commit: String?
    package var source: String?

    package init(actor: String, reason: String? = nil, commit: String? = nil, source: String? = nil) {
        self.actor = actor
        self.reason = reason
        self.commit = commit
        self.source = source
    }
}
