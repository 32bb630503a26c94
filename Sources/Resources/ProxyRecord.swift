/// What a proxy says about itself: on connecting, after each swap of tables, and every few seconds.
package struct ProxyReport: Sendable, Hashable, Codable {
    /// Stays the same over restarts of the same proxy.
    package var id: String
    /// Differs after every start: within one, the generation served never falls.
    package var incarnation: String
    /// Where it takes scoring requests, `host:port`.
    package var address: String
    /// Where it answers `/metrics` and `/healthz`, `host:port`.
    package var adminAddress: String
    /// The table that it serves; 0 for none yet.
    package var generation: Int
    /// Of what that table says, 16 hexadecimal digits; empty for none yet.
    package var digest: String
    /// The backends of that table that get no requests just now, each as `CheckedBackend.healthKey`, in order.
    package var unhealthy: [String]
    /// Why it does not serve the newest table that it was sent, in up to 1,000 characters; `nil` when it does.
    package var refusal: String?

    package init(
        id: String, incarnation: String, address: String, adminAddress: String, generation: Int, digest: String,
        unhealthy: [String], refusal: String? = nil
    ) {
        self.id = id
        self.incarnation = incarnation
        self.address = address
        self.adminAddress = adminAddress
        self.generation = generation
        self.digest = digest
        self.unhealthy = unhealthy
        self.refusal = refusal
    }
}

/// The last that was heard of a proxy.
package struct ProxyRecord: Sendable, Hashable, Codable {
    package var report: ProxyReport
    package var lastSeen: Timestamp

    package init(report: ProxyReport, lastSeen: Timestamp) {
        self.report = report
        self.lastSeen = lastSeen
    }

    /// A proxy is live when it was heard of within this time.
    package static let liveness = Interval.seconds(15)
}

/// How far the proxies have got with a release.
package struct Convergence: Sendable, Hashable, Codable {
    package var release: Int
    /// The first kept generation that holds the release; `nil` until its table is compiled.
    package var generation: Int?
    package var live: Int
    /// Live proxies that serve that generation or a later one; 0 until there is one.
    package var inStep: Int

    package init(release: Int, generation: Int?, live: Int, inStep: Int) {
        self.release = release
        self.generation = generation
        self.live = live
        self.inStep = inStep
    }

    /// Whether every live proxy serves the release. With no live proxy: whether the table is there to be fetched.
    package var isComplete: Bool { generation != nil && inStep == live }
}

/// A routing table as it is kept: whole, or as what changed since the one before, or both.
package struct PublishedTable: Sendable, Hashable {
    package var generation: Int
    /// The lease's epoch under which it was published.
    package var epoch: Int
    /// Every release up to this one is in it.
    package var release: Int
    /// The whole table in its binary form.
    package var body: [UInt8]?
    /// What changed since the generation before, in its binary form.
    package var delta: [UInt8]?
    /// Of what the table says, 16 hexadecimal digits: what proxies report of the table that they serve.
    package var digest: String
    package var createdAt: Timestamp

    package init(
        generation: Int, epoch: Int, release: Int, body: [UInt8]?, delta: [UInt8]?, digest: String,
        createdAt: Timestamp
    ) {
        self.generation = generation
        self.epoch = epoch
        self.release = release
        self.body = body
        self.delta = delta
        self.digest = digest
        self.createdAt = createdAt
    }
}
