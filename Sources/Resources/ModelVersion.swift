/// An immutable member of a model, numbered by the registry. Only its description and its tags may change.
package struct ModelVersion: Sendable, Hashable, Codable {
    package let model: ModelName
    /// 1 or more; never reused.
    package let version: Int
    /// Where it comes from, a URI such as `git+https://…`; empty when nobody said. Never opened by a server.
    package let source: String
    /// Of the code that trained it.
    package let commit: String?
    /// The training run that made it, as the tracking system names it.
    package let runID: String?
    package let runLink: String?
    package let metrics: [String: Double]
    package let description: String
    package let tags: [String: String]
    package let aliases: [AliasName]
    /// In the order of their names.
    package let artifacts: [VersionArtifact]
    package let createdAt: Timestamp
    package let createdBy: String
    /// When its description changed.
    package let updatedAt: Timestamp

    package init(
        model: ModelName, version: Int, source: String, commit: String?, runID: String?, runLink: String?,
        metrics: [String: Double], description: String, tags: [String: String], aliases: [AliasName],
        artifacts: [VersionArtifact], createdAt: Timestamp, createdBy: String, updatedAt: Timestamp
    ) {
        self.model = model
        self.version = version
        self.source = source
        self.commit = commit
        self.runID = runID
        self.runLink = runLink
        self.metrics = metrics
        self.description = description
        self.tags = tags
        self.aliases = aliases
        self.artifacts = artifacts
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.updatedAt = updatedAt
    }

    package var reference: VersionReference { VersionReference(model: model, version: version) }
}
