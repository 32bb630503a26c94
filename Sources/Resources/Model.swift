/// A named family of versions.
package struct Model: Sendable, Hashable, Codable {
    package let name: ModelName
    package let description: String
    package let tags: [String: String]
    /// The number of the newest version that was not deleted.
    package let latestVersion: Int?
    /// Each alias with the number of its version.
    package let aliases: [AliasName: Int]
    package let createdAt: Timestamp
    package let createdBy: String
    /// When its description changed, or a version was registered or deleted.
    package let updatedAt: Timestamp

    package init(
        name: ModelName, description: String, tags: [String: String], latestVersion: Int?, aliases: [AliasName: Int],
        createdAt: Timestamp, createdBy: String, updatedAt: Timestamp
    ) {
        self.name = name
        self.description = description
        self.tags = tags
        self.latestVersion = latestVersion
        self.aliases = aliases
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.updatedAt = updatedAt
    }
}

/// What is needed to create a model.
package struct ModelDraft: Sendable, Hashable, Codable {
    package var name: ModelName
    package var description: String?
    package var tags: [String: String]?

    package init(name: ModelName, description: String? = nil, tags: [String: String]? = nil) {
        self.name = name
        self.description = description
        self.tags = tags
    }
}
