package import Resources

extension Drift {
    /// Where what is live differs from what git said last.
    ///
    /// - Parameters:
    ///   - head: of an endpoint that is there.
    ///   - status: of the same endpoint at the same moment.
    package static func of(_ head: EndpointHead, _ status: EndpointStatus) -> [Drift] {
        [hold(head, status), outOfStep(status)].compactMap(\.self) + unhealthy(status)
    }

    private static func hold(_ head: EndpointHead, _ status: EndpointStatus) -> Drift? {
        guard !head.active.saysTheSame(as: head.declared) else { return nil }
        // Without a hold it is the moment between the end of its time and its release.
        let who = status.held.map { "held by \($0.summary)" } ?? "the hold's time has passed"
        return Drift(
            endpoint: head.name, reason: .hold,
            message: who + ": " + differences(live: head.active, declared: head.declared).joined(separator: ", "))
    }

    private static func differences(live: Revision, declared: Revision) -> [String] {
        guard !declared.removed else { return ["live although its source no longer holds it"] }
        let wanted = Dictionary(
            declared.summaries.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var parts: [String] = live.summaries.compactMap { variant in
            guard let other = wanted[variant.name] else { return "\(variant.name) \(variant.model) instead of none" }
            let version = variant.model == other.model ? "" : " \(variant.model) instead of \(other.model)"
            let share = variant.traffic == other.traffic ? "" : " \(variant.traffic) % instead of \(other.traffic) %"
            return version + share == "" ? nil : "\(variant.name)" + version + share
        }
        let known = Set(live.summaries.map(\.name))
        parts += declared.summaries.filter { !known.contains($0.name) }.map {
            "no \($0.name) instead of \($0.model) \($0.traffic) %"
        }
        let fields = EndpointDifference.fields(from: declared.content, to: live.content)
        return parts + fields.map { "\($0.path) \($0.after ?? "none") instead of \($0.before ?? "none")" }
    }

    private static func outOfStep(_ status: EndpointStatus) -> Drift? {
        let behind = status.proxies.live - status.proxies.inStep
        guard behind > 0 else { return nil }
        return Drift(
            endpoint: status.endpoint, reason: .outOfStep,
            message: "\(behind) of \(status.proxies.live) live proxies "
                + "\(behind == 1 ? "does" : "do") not serve revision \(status.revision) yet")
    }

    private static func unhealthy(_ status: EndpointStatus) -> [Drift] {
        status.variants.filter { $0.traffic > .zero && $0.healthyBackends == 0 }.map { variant in
            Drift(
                endpoint: status.endpoint, reason: .unhealthy,
                message:
                    "\(variant.name) \(variant.model)/\(variant.version) \(variant.traffic) % has no healthy backend"
            )
        }
    }
}
