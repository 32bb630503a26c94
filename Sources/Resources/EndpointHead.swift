/// Where one endpoint stands: all that a change of it is decided on. Read in one snapshot, changed under one lock.
package struct EndpointHead: Sendable, Hashable {
    package var name: EndpointName
    /// The highest number given so far.
    package var latestRevision: Int
    /// What proxies are to serve.
    package var active: Revision
    /// The last from git that went live.
    package var applied: Revision
    /// The last from git, when a hold keeps it from going live.
    package var waiting: Revision?
    package var hold: Hold?
    /// The owners of the buckets now and before, in the form of `Splitting`.
    package var bucketMap: String
    /// The repository and directory whose files declare it; `nil` while none of them said so.
    package var source: String?

    package init(
        name: EndpointName, latestRevision: Int, active: Revision, applied: Revision, waiting: Revision?, hold: Hold?,
        bucketMap: String, source: String? = nil
    ) {
        self.name = name
        self.latestRevision = latestRevision
        self.active = active
        self.applied = applied
        self.waiting = waiting
        self.hold = hold
        self.bucketMap = bucketMap
        self.source = source
    }

    /// What git says, live or not.
    package var declared: Revision { waiting ?? applied }
    /// Whether it is gone: proxies don't know it.
    package var isRemoved: Bool { active.removed }
}
