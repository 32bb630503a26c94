internal import Resources

extension Endpoint {
    /// Whether both say the same, in whatever order they list what has no order: hosts and variants. Overrides and
    /// backends do have one.
    func saysTheSame(as other: Endpoint) -> Bool { normalized == other.normalized }

    private var normalized: Endpoint {
        var copy = self
        copy.spec.hosts.sort()
        copy.spec.variants.sort { $0.name < $1.name }
        return copy
    }

    var summaries: [VariantSummary] {
        spec.variants.map { VariantSummary(name: $0.name, model: $0.model, traffic: $0.traffic) }
    }
}
