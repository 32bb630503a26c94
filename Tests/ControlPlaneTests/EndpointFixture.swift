import ControlPlane
import Planning
import RegistryStore
import Resources

/// `champion: fraud/1, 90 %`.
struct Arm {
    let name: String
    let model: String
    let traffic: Int

    init(_ name: String, _ model: String, _ traffic: Int) {
        self.name = name
        self.model = model
        self.traffic = traffic
    }
}

let alice = Caller(actor: "alice", role: .operator)
let bob = Caller(actor: "bob", role: .operator)

/// - Parameter arms: traffic in whole per cent.
func declared(
    _ name: String, _ arms: [Arm], hosts: [String] = [], timeout: Interval = .seconds(1), salt: String? = nil
) throws -> DeclaredEndpoint {
    DeclaredEndpoint(
        name: try EndpointName(validating: name),
        spec: DeclaredSpec(
            hosts: hosts, routingKey: RoutingKey(source: .header, name: "x-user-id"), salt: salt, timeout: timeout,
            variants: try arms.map { arm in
                DeclaredVariant(
                    name: try VariantName(validating: arm.name), model: try VersionSelector(parsing: arm.model),
                    traffic: Share(buckets: arm.traffic * 100) ?? .zero,
                    backends: [try BackendTemplate(parsing: "http://{model}-{version}.internal:8080")])
            }))
}

func split(_ champion: Int, _ challenger: Int, versions: (Int, Int) = (1, 2)) -> [Arm] {
    [Arm("champion", "fraud/\(versions.0)", champion), Arm("challenger", "fraud/\(versions.1)", challenger)]
}

extension RegistryFixture {
    static let fraud = EndpointName(unchecked: "fraud")
    static let champion = VariantName(unchecked: "champion")
    static let challenger = VariantName(unchecked: "challenger")

    @discardableResult
    func apply(
        _ endpoints: [DeclaredEndpoint], base: Int? = nil, commit: String? = nil, key: IdempotencyKey? = nil,
        by caller: Caller = alice
    ) async throws -> ChangeOutcome {
        try await controlPlane.apply(
            ApplyRequest(endpoints: endpoints, baseRelease: base, commit: commit), key: key, by: caller)
    }

    @discardableResult
    func applyFraud(_ champion: Int, _ challenger: Int, by caller: Caller = alice) async throws -> ChangeOutcome {
        try await apply([try declared("fraud", split(champion, challenger))], by: caller)
    }

    @discardableResult
    func promote(
        _ share: Int, holdFor: Interval? = nil, takeOver: Bool = false, by caller: Caller = alice
    ) async throws -> ChangeOutcome {
        try await controlPlane.promote(
            Self.fraud,
            PromoteRequest(
                variant: Self.challenger, traffic: Share(buckets: share * 100), holdFor: holdFor, takeOver: takeOver),
            by: caller)
    }

    func status() async throws -> EndpointStatus { try await controlPlane.status(of: Self.fraud, by: Self.viewer) }

    /// What is live, by variant.
    func liveRanges() async throws -> [VariantName: [BucketRange]] {
        try await store.endpointHead(Self.fraud).active.ranges
    }
}
