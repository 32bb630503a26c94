internal import Planning
internal import RegistryStore
internal import Resources

/// Turns declared endpoints into complete ones: aliases become versions, placeholders are expanded, and everything that
/// only the registry knows is checked, all faults in one pass.
struct EndpointResolver<Queries: RegistryQueries> {
    let queries: Queries

    /// - Throws: `invalidFiles`, one line a fault.
    func resolve(_ declared: [DeclaredEndpoint], environment: String?) async throws -> [Endpoint] {
        var faults = Self.duplicates(declared)
        let selectors = Set(declared.flatMap { $0.spec.variants.map(\.model) })
        let resolutions = try await queries.resolve(selectors)
        var endpoints: [Endpoint] = []
        for endpoint in declared {
            var hasFault = false
            for variant in endpoint.spec.variants {
                guard let resolution = resolutions[variant.model],
                    let what = try await fault(variant.model, resolution)
                else { continue }
                hasFault = true
                faults.append("endpoint '\(endpoint.name)', variant '\(variant.name)': \(what)")
            }
            guard !hasFault else { continue }
            do {
                endpoints.append(try Self.complete(endpoint, environment, resolutions))
            } catch {
                faults.append(error.message)
            }
        }
        let owners = try await queries.hostOwners(
            endpoints.flatMap(\.spec.hosts), except: declared.map(\.name))
        faults += HostClaims.faults(endpoints, owners: owners)
        guard faults.isEmpty else {
            let head = faults.count == 1 ? "" : "\(faults.count) faults, so nothing was changed:\n"
            throw TurnoutError(.invalidFiles, head + faults.joined(separator: "\n"))
        }
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

    private static func duplicates(_ declared: [DeclaredEndpoint]) -> [String] {
        Dictionary(grouping: declared, by: \.name).filter { $0.value.count > 1 }.keys.sorted().map {
            "endpoint '\($0)' is declared more than once"
        }
    }

    /// Asks the registry again only where something is wrong, for a suggestion.
    private func fault(_ selector: VersionSelector, _ resolution: VersionResolution) async throws -> String? {
        switch resolution {
        case .version: return nil
        case .unknownModel:
            let meant = NearMiss.suggestion(for: selector.model.rawValue, among: try await queries.modelNames())
            return "model '\(selector.model)' is not registered" + Self.question(meant)
        case .unknownVersion(let latest):
            guard latest > 0 else { return "model '\(selector.model)' has no versions yet" }
            return "\(selector) is not registered; the newest version is \(selector.model)/\(latest)"
        case .unknownAlias:
            guard case .alias(let model, let alias) = selector else { return nil }
            let meant = NearMiss.suggestion(for: alias.rawValue, among: try await queries.aliasNames(of: model))
            return "model '\(model)' has no alias '\(alias)'" + Self.question(meant)
        case .deleted(let version): return "\(version) was deleted"
        }
    }

    private static func question(_ meant: String?) -> String { meant.map { "; did you mean '\($0)'?" } ?? "" }
}
