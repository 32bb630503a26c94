/// Which version a routing key was served at a moment, and who decided so: computed from the revisions alone.
///
/// It speaks of the split. A request that an override of the endpoint sent elsewhere, or that carried no key, is not
/// covered.
package struct Explanation: Sendable, Hashable, Codable {
    package var endpoint: EndpointName
    package var key: String
    /// 0 to 9,999.
    package var bucket: Int
    package var variant: VariantName
    package var model: ModelName
    package var version: Int
    package var revision: Int
    package var release: Int
    package var commit: String?
    package var actor: String
    /// The moment that was asked about.
    package var at: Timestamp

    package init(
        endpoint: EndpointName, key: String, bucket: Int, variant: VariantName, model: ModelName, version: Int,
        revision: Int, release: Int, commit: String?, actor: String, at: Timestamp
    ) {
        self.endpoint = endpoint
        self.key = key
        self.bucket = bucket
        self.variant = variant
        self.model = model
        self.version = version
        self.revision = revision
        self.release = release
        self.commit = commit
        self.actor = actor
        self.at = at
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(endpoint, forKey: .endpoint)
        try container.encode(key, forKey: .key)
        try container.encode(bucket, forKey: .bucket)
        try container.encode(variant, forKey: .variant)
        try container.encode(model, forKey: .model)
        try container.encode(version, forKey: .version)
        try container.encode(revision, forKey: .revision)
        try container.encode(release, forKey: .release)
        try container.encode(commit, forKey: .commit)
        try container.encode(actor, forKey: .actor)
        try container.encode(at, forKey: .at)
    }
}
