import Foundation
import Resources
import Testing

@Suite struct DeclaredEndpointTests {
    private static func endpoint(_ change: (inout DeclaredEndpoint) throws -> Void = { _ in }) throws
        -> DeclaredEndpoint
    {
        func variant(_ name: String, _ version: String, _ traffic: String) throws -> DeclaredVariant {
            DeclaredVariant(
                name: try VariantName(validating: name), model: try VersionSelector(parsing: version),
                traffic: try #require(Share(parsing: traffic)),
                backends: [try BackendTemplate(parsing: "http://{variant}-{version}")])
        }
        var endpoint = DeclaredEndpoint(
            name: try EndpointName(validating: "fraud"),
            spec: DeclaredSpec(variants: [try variant("a", "fraud/1", "90"), try variant("b", "fraud@next", "10")]))
        try change(&endpoint)
        return endpoint
    }

    private static func resolve(_ endpoint: DeclaredEndpoint) throws(TurnoutError) -> Endpoint {
        try endpoint.resolved(environment: nil) { model, _ in VersionReference(model: model, version: 7) }
    }

    @Test("Resolving leaves only numbers and addresses, and keeps all else") func resolves() throws {
        let declared = try Self.endpoint {
            $0.owner = "me"; $0.spec.hosts = ["a.b", "*"]; $0.spec.salt = "x"
        }
        let endpoint = try Self.resolve(declared)
        #expect(endpoint.spec.variants.map(\.model.description) == ["fraud/1", "fraud/7"])
        #expect(endpoint.spec.variants.flatMap(\.backends).map(\.authority) == ["a-1:80", "b-7:80"])
        #expect(endpoint.owner == "me")
        #expect(endpoint.spec.hosts == ["a.b", "*"])
        #expect(endpoint.salt == "x")
    }

    @Test("A declared endpoint that breaks an invariant is refused, wherever it comes from") func invariants() throws {
        let breaks: [(String, (inout DeclaredEndpoint) throws -> Void)] = [
            ("sums to 90", { $0.spec.variants[1].traffic = .zero }),
            ("no variants", { $0.spec.variants = [] }),
            ("two variants are named", { $0.spec.variants[1].name = $0.spec.variants[0].name }),
            ("no backends", { $0.spec.variants[0].backends = [] }),
            ("reserved", { $0.spec.variants[0].name = try VariantName(validating: "rest") }),
            ("is not a host", { $0.spec.hosts = ["A.b"] }),
            ("is not a host", { $0.spec.hosts = ["a:80"] }),
            ("twice", { $0.spec.hosts = ["a", "a"] }),
            (
                "does not exist",
                {
                    $0.spec.routingKey = RoutingKey(
                        source: .header, name: "x", onMissing: .variant(try VariantName(validating: "c")))
                }
            ),
            (
                "does not exist",
                {
                    $0.spec.overrides = [
                        RoutingOverride(header: "x", value: "y", variant: try VariantName(validating: "c"))
                    ]
                }
            ),
            ("more than 1000 hosts", { $0.spec.hosts = (0...1000).map { "h\($0)" } }),
            (
                "more than 128 backends",
                {
                    $0.spec.variants[0].backends = try (0...128).map { try BackendTemplate(parsing: "http://h\($0)") }
                }
            ),
            ("attempts", { $0.spec.retry.attempts = 11 }),
            ("timeout", { $0.spec.timeout = .seconds(0) }),
            ("perTryTimeout", { $0.spec.retry.perTryTimeout = .seconds(3601) }),
            ("hedgeAfter is 1h1s", { $0.spec.retry.hedgeAfter = .seconds(3601) }),
            ("hedgeAfter is 0s", { $0.spec.retry.hedgeAfter = .seconds(0) }),
            (
                "'attempts' of 1 or more",
                { $0.spec.retry = RetryPolicy(attempts: 0, hedgeAfter: Interval(milliseconds: 20)) }
            ),
            (
                "'budget' above 0",
                { $0.spec.retry = RetryPolicy(budget: .zero, hedgeAfter: Interval(milliseconds: 20)) }
            ),
            (
                "gives a sending up after 20ms",
                {
                    let both = Interval(milliseconds: 20)
                    $0.spec.retry = RetryPolicy(perTryTimeout: both, hedgeAfter: both)
                }
            ),
            ("'timeout' is 30s", { $0.spec.retry.hedgeAfter = .seconds(30) }),
            ("limits is 0", { $0.spec.limits = EndpointLimits(maxConcurrency: 0) }),
            ("limits is 1000001", { $0.spec.limits = EndpointLimits(maxConnectionsPerBackend: 1_000_001) }),
            ("health.path", { $0.spec.health = HealthCheck(path: "ready") }),
            ("unhealthyAfter", { $0.spec.health = HealthCheck(path: "/", unhealthyAfter: 0) }),
            ("health.every", { $0.spec.health = HealthCheck(path: "/", every: .seconds(0)) }),
            (
                "twice",
                {
                    $0.spec.variants[0].backends = try ["http://a", "http://A:80"].map {
                        try BackendTemplate(parsing: $0)
                    }
                }
            ),
        ]
        for (words, change) in breaks {
            let endpoint = try Self.endpoint(change)
            do {
                _ = try Self.resolve(endpoint)
                Issue.record("accepted, though: \(words)")
            } catch {
                #expect(error.code == .invalid)
                #expect(error.message.contains(words), "\(error.message)")
            }
        }
    }
}
