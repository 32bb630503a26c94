/// What is needed to register a version; its number comes from the registry.
package struct VersionDraft: Sendable, Hashable, Codable {
    package var source: String?
    package var commit: String?
    package var runID: String?
    package var runLink: String?
    package var metrics: [String: Double]?
    package var description: String?
    package var tags: [String: String]?
    /// Artifacts that were pushed before, each with the name that the version gives it.
    package var artifacts: [ArtifactName: ArtifactDigest]?

    package init(
        source: String? = nil, commit: String? = nil, runID: String? = nil, runLink: String? = nil,
        metrics: [String: Double]? = nil, description: String? = nil, tags: [String: String]? = nil,
        artifacts: [ArtifactName: ArtifactDigest]? = nil
    ) {
        self.source = source
        self.commit = commit
        self.runID = runID
        self.runLink = runLink
        self.metrics = metrics
        self.description = description
        self.tags = tags
        self.artifacts = artifacts
    }
}
