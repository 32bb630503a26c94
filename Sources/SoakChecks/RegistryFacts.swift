package import Resources

/// What the registry holds after a run, read past the product's own queries; and what witnesses in the database saw.
package struct RegistryFacts: Sendable {
    package struct ModelRow: Sendable, Hashable {
        package var name: String
        package var versionCounter: Int
    }

    package struct VersionRow: Sendable, Hashable {
        package var reference: VersionReference
        package var commit: String?
        package var createdBy: String
        package var isDeleted: Bool
    }

    /// One row of the history of aliases; in the order of the rows.
    package struct AliasMove: Sendable, Hashable {
        package var model: ModelName
        package var alias: AliasName
        package var version: Int?
        package var reason: String?
    }

    package struct ReleaseRow: Sendable, Hashable {
        package var number: Int
        package var actor: String
        package var reason: String?
    }

    package struct RevisionRow: Sendable, Hashable {
        package var endpoint: EndpointName
        package var number: Int
        package var release: Int
        package var isActive: Bool
        /// Whether it says that the endpoint is gone.
        package var isRemoval = false
        package var ranges: [VariantName: [BucketRange]]
        /// Of every variant, with or without traffic.
        package var versions: [VariantName: VersionReference]
    }

    package struct EndpointRow: Sendable, Hashable {
        package var name: EndpointName
        package var latest: Int
        package var active: Int
        /// Whether what is live is that it is gone.
        package var isRemoved: Bool
    }

    package struct AuditRow: Sendable, Hashable {
        package var sequence: Int
        package var actor: String
        package var action: String
        package var subject: String
        package var reason: String?
        package var at: Timestamp
        package var change: AuditedChange?
        /// Whether it follows the entry before it and its hash is that of what it says.
        package var isChained: Bool
    }

    /// What a witness on `routing_table` saw, in the order of its rows.
    package struct Publication: Sendable, Hashable {
        package var generation: Int
        package var epoch: Int
        package var release: Int
        /// The lease's epoch as of then.
        package var leaseEpoch: Int
        package var digest: String
        /// The table, or else what changed since the one before; neither when it was there already, and was said to hold
        /// a newer release too or was kept whole.
        package var body: [UInt8]?
        package var delta: [UInt8]?

        package var isNew: Bool { body != nil || delta != nil }
    }

    /// What a witness on `lease` saw: an epoch got a holder.
    package struct LeaseGrant: Sendable, Hashable {
        package var epoch: Int
        package var holder: String
    }

    /// What a witness on `proxy` saw.
    package struct ProxyStep: Sendable, Hashable {
        package var proxy: String
        package var incarnation: String
        package var generation: Int
        package var digest: String
    }

    package var models: [ModelRow] = []
    package var versions: [VersionRow] = []
    package var aliasMoves: [AliasMove] = []
    package var releaseCounter = 0
    package var releases: [ReleaseRow] = []
    package var revisions: [RevisionRow] = []
    package var endpoints: [EndpointRow] = []
    /// Who holds which endpoint, by the rows of open holds.
    package var openHolds: [EndpointName: String] = [:]
    package var audit: [AuditRow] = []
    package var publications: [Publication] = []
    package var grants: [LeaseGrant] = []
    package var proxySteps: [ProxyStep] = []

    package init() {}
}

/// The particulars of an audit entry about endpoints.
package struct AuditedChange: Sendable, Hashable, Decodable {
    package struct Part: Sendable, Hashable, Decodable {
        package var endpoint: EndpointName
        package var revision: Int?
        package var live: Bool?
        package var endsHold: Hold.End?
        package var holdUntil: Timestamp?
    }

    package var release: Int
    package var endpoints: [Part]
}
