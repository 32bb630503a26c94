internal import Planning
internal import RegistryStore
internal import Resources

/// Turns declared endpoints into complete ones: aliases become versions, placeholders are expanded, and everything that
/// only the registry knows is checked, all faults in one pass.
struct EndpointResolver<Queries: RegistryQueries> {
    let queries: Queries

    /// - Throws: `invalidFiles` with every fault and the field that has it.
    func resolve(_ declared: [DeclaredEndpoint], environment: String?) async throws -> [Endpoint] {
        var faults = Self.duplicates(declared)
        let selectors = Set(declared.flatMap { $0.spec.variants.map(\.model) })
        let resolutions = try await queries.resolve(selectors)
        let words = try await words(of: resolutions)
        var endpoints: [Endpoint] = []
        for endpoint in declared {
            let unresolved = endpoint.spec.variants.compactMap { variant in
                words[variant.model].map { words in
                    EndpointFault(
                        words.code, endpoint: endpoint.name, variant: variant.name,
                        field: "spec.variants[\(variant.name)].model", words.message, expected: words.expected,
                        suggestion: words.suggestion)
                }
            }
            faults += unresolved
            guard unresolved.isEmpty else { continue }
            do {
                endpoints.append(try Self.complete(endpoint, environment, resolutions))
            } catch {
                guard !error.faults.isEmpty else { throw error }
                faults += error.faults
            }
        }
        let owners = try await queries.hostOwners(
            endpoints.flatMap(\.spec.hosts), except: declared.map(\.name))
        faults += HostClaims.disputes(endpoints, owners: owners).compactMap { Self.fault($0, owners) }
        guard faults.isEmpty else { throw TurnoutError(faults: faults) }
        return endpoints
    }

    private static func complete(
        _ endpoint: DeclaredEndpoint, _ environment: String?,
        _ resolutions: [VersionSelector: VersionResolution]
    ) throws(TurnoutError) -> Endpoint {
        try endpoint.resolved(environment: environment) { (model, alias) throws(TurnoutError) in
            guard case .version(let version) = resolutions[.alias(model, alias)] else {
                throw TurnoutError(.notFound, "There is no alias '\(model)@\(alias)'.")
            }
            return version
        }
    }

    private static func duplicates(_ declared: [DeclaredEndpoint]) -> [EndpointFault] {
        Dictionary(grouping: declared, by: \.name).filter { $0.value.count > 1 }.keys.sorted().map {
            EndpointFault(
                .duplicateEndpoint, endpoint: $0, field: "metadata.name", "it is declared more than once",
                expected: "one document an endpoint")
        }
    }

    /// The fault is the newcomer's; where both come at once, that of the second by name.
    private static func fault(_ dispute: HostClaims, _ owners: [String: EndpointName]) -> EndpointFault? {
        let owner = owners[dispute.host] ?? dispute.claimants.first
        guard let owner, let newcomer = dispute.claimants.last(where: { $0 != owner }) else { return nil }
        return EndpointFault(
            .duplicateHost, endpoint: newcomer, field: "spec.hosts",
            "the host '\(dispute.host)' belongs to the endpoint '\(owner)'", expected: "each host at one endpoint",
            suggestion: "take it out of one of the two; 'turnout history \(owner)' says who declares it there")
    }
}

// MARK: - What the registry lacks

extension EndpointResolver {
    private struct Words {
        let code: EndpointFault.Code
        let message: String
        var expected: String?
        var suggestion: String?
    }

    /// What to say of each selector that means nothing now; asks the registry again for what may have been meant.
    private func words(
        of resolutions: [VersionSelector: VersionResolution]
    ) async throws -> [VersionSelector: Words] {
        var models: [String]?
        var aliases: [ModelName: [String]] = [:]
        var words: [VersionSelector: Words] = [:]
        for (selector, resolution) in resolutions {
            let model = selector.model
            switch resolution {
            case .version: continue
            case .unknownModel:
                if models == nil { models = try await queries.modelNames() }
                words[selector] = Self.unknownModel(model, models ?? [])
            case .unknownAlias:
                guard case .alias(_, let alias) = selector else { continue }
                if aliases[model] == nil { aliases[model] = try await queries.aliasNames(of: model) }
                words[selector] = Self.unknownAlias(alias, of: model, aliases[model] ?? [])
            case .unknownVersion(let latest): words[selector] = Self.unknownVersion(selector, latest)
            case .deleted(let version):
                words[selector] = Words(
                    code: .deletedVersion, message: "\(version) was deleted",
                    suggestion: "'turnout version list \(model)' shows what there is")
            }
        }
        return words
    }

    private static func unknownModel(_ model: ModelName, _ known: [String]) -> Words {
        let meant = NearMiss.suggestion(for: model.rawValue, among: known)
        return Words(
            code: .unknownModel, message: "the model '\(model)' is not registered",
            suggestion: meant.map { "did you mean '\($0)'?" }
                ?? "'turnout model create \(model)' registers it; 'turnout model list' shows what there is")
    }

    private static func unknownVersion(_ selector: VersionSelector, _ latest: Int) -> Words {
        let model = selector.model
        guard latest > 0 else {
            return Words(
                code: .unknownVersion, message: "the model '\(model)' has no versions yet",
                suggestion: "'turnout version register \(model)' makes the first")
        }
        return Words(
            code: .unknownVersion, message: "\(selector) is not registered; the newest version is \(model)/\(latest)",
            expected: "a version from 1 to \(latest)",
            suggestion: "'turnout version list \(model)' shows what there is")
    }

    private static func unknownAlias(_ alias: AliasName, of model: ModelName, _ known: [String]) -> Words {
        let meant = NearMiss.suggestion(for: alias.rawValue, among: known)
        return Words(
            code: .unknownAlias, message: "the model '\(model)' has no alias '\(alias)'",
            expected: known.isEmpty || known.count > 5 ? nil : known.map { "\(model)@\($0)" }.joined(separator: " or "),
            suggestion: meant.map { "did you mean '\($0)'?" }
                ?? "'turnout alias set \(model)@\(alias) VERSION' makes it; 'turnout alias list \(model)' shows what there is"
        )
    }
}
