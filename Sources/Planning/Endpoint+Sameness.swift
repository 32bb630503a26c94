package import Resources

extension Endpoint {
    /// Whether both say the same, in whatever order they list what has no order: hosts and variants. Overrides and
    /// backends do have one.
    func saysTheSame(as other: Endpoint) -> Bool { self == other || normalized == other.normalized }

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

extension Revision {
    /// Whether the endpoint exists under this revision, and is this.
    func says(_ endpoint: Endpoint) -> Bool { !removed && content.saysTheSame(as: endpoint) }

    /// Whether both mean the same for whoever asks the endpoint.
    func saysTheSame(as other: Revision) -> Bool {
        removed ? other.removed : other.says(content)
    }

    /// Empty when it says that the endpoint is gone.
    package var summaries: [VariantSummary] { removed ? [] : content.summaries }
}
