import EndpointFiles
import Resources
import Splitting

/// The routing table that endpoint files alone describe, for a proxy without a control plane.
enum StaticTable {
    /// What files describe, and what in them is allowed and hardly meant.
    struct Loaded {
        let table: RoutingTable
        let warnings: [String]
    }

    /// Every endpoint of a file or directory, split from scratch: generation 1, revision 1.
    ///
    /// - Throws: `StaticTableFault` with every fault of every file; an alias is one, since only a registry knows where
    ///   it points.
    static func load(_ path: String, environment: String? = nil) throws -> Loaded {
        let loaded = EndpointFiles.load(path, environment: environment)
        guard loaded.isValid else { throw StaticTableFault(faults: loaded.diagnostics.map(\.description)) }
        var routes: [RoutingTable.Route] = []
        var faults: [String] = []
        for item in loaded.endpoints {
            do {
                routes.append(try route(item.endpoint, environment))
            } catch {
                faults.append(fault(error, item, loaded))
            }
        }
        guard faults.isEmpty else { throw StaticTableFault(faults: faults) }
        return Loaded(
            table: RoutingTable(generation: 1, routes: routes), warnings: loaded.diagnostics.map(\.description))
    }

    /// The fault with its place: where an alias stands, if one is to blame.
    private static func fault(_ error: TurnoutError, _ item: LoadedEndpoint, _ loaded: LoadResult) -> String {
        if let fault = error.faults.first, let told = loaded.diagnostic(fault) { return told.description }
        let alias = item.endpoint.spec.variants.first { variant in
            if case .alias = variant.model { true } else { false }
        }
        let field = alias.map { "spec.variants[\($0.name)].model" } ?? "spec"
        let message = error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message
        return loaded.diagnostic(.invalidValue, endpoint: item.endpoint.name, field: field, message: message)?
            .description ?? "\(item.file):\(item.line): \(error.message)"
    }

    private static func route(
        _ declared: DeclaredEndpoint, _ environment: String?
    ) throws(TurnoutError) -> RoutingTable.Route {
        let endpoint = try declared.resolved(environment: environment) { (model, alias) throws(TurnoutError) in
            throw TurnoutError(
                .invalid, "'\(model)@\(alias)' is an alias, which only a registry resolves: name a version here.")
        }
        let spec = endpoint.spec
        let shares = Dictionary(spec.variants.map { ($0.name, $0.traffic) }, uniquingKeysWith: { first, _ in first })
        let ranges = try BucketMap().reallocated(to: shares).ranges
        var arms: [RoutingTable.Arm] = []
        for variant in spec.variants {
            guard case .version(let version) = variant.model else {
                throw TurnoutError(.invalid, "'\(variant.model)' is not a version.")
            }
            arms.append(
                RoutingTable.Arm(
                    name: variant.name, version: version, ranges: ranges[variant.name] ?? [],
                    backends: variant.backends))
        }
        return RoutingTable.Route(
            endpoint: endpoint.name, revision: 1, hosts: spec.hosts, routingKey: spec.routingKey, salt: endpoint.salt,
            timeout: spec.timeout, retry: spec.retry, limits: spec.limits, health: spec.health,
            overrides: spec.overrides, variants: arms)
    }
}

/// Endpoint files that can't be served as they are.
package struct StaticTableFault: Error, Sendable, CustomStringConvertible {
    /// One a fault, each with file and line.
    package let faults: [String]

    package var description: String { faults.joined(separator: "\n") }
}
