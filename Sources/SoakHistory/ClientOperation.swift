package import Resources

/// One thing that a client asks of the control plane, with everything that it says.
package enum ClientOperation: Sendable, Hashable, Codable {
    case createModel(model: ModelName)
    case registerVersion(model: ModelName)
    case deleteVersion(version: VersionReference)
    /// - `expected`: 0 for no such alias; absent for anything.
    case setAlias(model: ModelName, alias: AliasName, version: Int, expected: Int?)
    case deleteAlias(model: ModelName, alias: AliasName)
    /// With `prune`, it also removes what its source no longer holds.
    case apply(request: ApplyRequest)
    case promote(endpoint: EndpointName, request: PromoteRequest)
    case rollback(endpoint: EndpointName, request: RollbackRequest)
    case rollbackRelease(request: ReleaseRollbackRequest)
    case resume(endpoint: EndpointName, request: ResumeRequest)
    case readModel(model: ModelName)
    case readAlias(model: ModelName, alias: AliasName)
    case readEndpoint(endpoint: EndpointName)

    /// A name for tallies: `apply`.
    package var name: String {
        switch self {
        case .createModel: "create model"
        case .registerVersion: "register version"
        case .deleteVersion: "delete version"
        case .setAlias: "set alias"
        case .deleteAlias: "delete alias"
        case .apply(let request): request.prune == true ? "prune" : "apply"
        case .promote: "promote"
        case .rollback: "rollback"
        case .rollbackRelease: "rollback release"
        case .resume: "resume"
        case .readModel: "read model"
        case .readAlias: "read alias"
        case .readEndpoint: "read endpoint"
        }
    }

    package var isRead: Bool {
        switch self {
        case .readModel, .readAlias, .readEndpoint: true
        default: false
        }
    }

    /// Whether it asks to replace another person's hold.
    package var takesOver: Bool {
        switch self {
        case .promote(_, let request): request.takeOver ?? false
        case .rollback(_, let request): request.takeOver ?? false
        case .rollbackRelease(let request): request.takeOver ?? false
        default: false
        }
    }
}

/// What the control plane said to an operation, as far as it can be held against the registry.
package enum Answer: Sendable, Hashable, Codable {
    case model(latestVersion: Int?)
    /// - `commit`: as registered, which is the intent.
    case version(version: VersionReference, commit: String?)
    /// - `version`: absent when there is no such alias.
    case alias(version: Int?)
    case deletion(deleted: Bool)
    case change(outcome: ChangeOutcome)
    /// - `revision`: the active one; absent when there is no such endpoint.
    case endpoint(revision: Int?)
}
