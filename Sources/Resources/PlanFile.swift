/// A plan on disk, with all that applying exactly it takes.
package struct PlanFile: Sendable, Hashable, Codable {
    package var plan: Plan
    /// Only what changes; aliases replaced by the versions that the plan showed, so that moving one in between has no
    /// effect.
    package var request: ApplyRequest

    package init(plan: Plan, request: ApplyRequest) {
        self.plan = plan
        let changes = Dictionary(plan.changes.map { ($0.endpoint, $0) }, uniquingKeysWith: { first, _ in first })
        var pinned = request
        pinned.baseRelease = plan.baseRelease
        pinned.endpoints = request.endpoints.compactMap { endpoint in
            guard let change = changes[endpoint.name], change.action != .unchanged else { return nil }
            var endpoint = endpoint
            // Where the source alone changes, what is shown is what is live, perhaps a hold's.
            for index in endpoint.spec.variants.indices where change.action != .adopt {
                let name = endpoint.spec.variants[index].name
                guard let planned = change.after.first(where: { $0.name == name }) else { continue }
                endpoint.spec.variants[index].model = planned.model
            }
            return endpoint
        }
        self.request = pinned
    }

    /// What to send: exactly the plan, or a refusal.
    package var exactRequest: ApplyRequest {
        var exact = request
        exact.expected = PlanExpectation(
            registry: plan.registry, changes: plan.changes.filter { $0.action != .unchanged })
        return exact
    }
}
