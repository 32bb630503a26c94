/// A movable name for one version.
package struct ModelAlias: Sendable, Hashable, Codable {
    package let model: ModelName
    package let alias: AliasName
    package let version: Int
    package let updatedAt: Timestamp
    package let updatedBy: String

    package init(model: ModelName, alias: AliasName, version: Int, updatedAt: Timestamp, updatedBy: String) {
        self.model = model
        self.alias = alias
        self.version = version
        self.updatedAt = updatedAt
        self.updatedBy = updatedBy
    }
}

/// One move of an alias: who moved it from where to where, when and why.
package struct AliasChange: Sendable, Hashable, Codable {
    /// Grows with every move of any alias.
    package let sequence: Int64
    package let model: ModelName
    package let alias: AliasName
    /// Absent: the alias was deleted.
    package let version: Int?
    /// Absent: there was no such alias before.
    package let previousVersion: Int?
    package let changedAt: Timestamp
    package let changedBy: String
    package let reason: String?

    package init(
        sequence: Int64, model: ModelName, alias: AliasName, version: Int?, previousVersion: Int?,
        changedAt: Timestamp, changedBy: String, reason: String?
    ) {
        self.sequence = sequence
        self.model = model
        self.alias = alias
        self.version = version
        self.previousVersion = previousVersion
        self.changedAt = changedAt
        self.changedBy = changedBy
        self.reason = reason
    }
}

/// Where an alias must point for a change of it to go on.
package enum AliasExpectation: Sendable, Hashable {
    case anything
    /// There is no such alias yet.
    case absent
    case version(Int)
}
