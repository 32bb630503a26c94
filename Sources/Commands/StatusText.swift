import Resources

/// What `turnout status` shows people.
enum StatusText {
    /// One endpoint, in full.
    static func full(_ status: EndpointStatus, color: Bool) -> String {
        var fields = FieldList()
        fields.add("endpoint", status.endpoint.rawValue)
        fields.add("owner", status.owner)
        fields.add("live", "revision \(status.revision) of release \(status.release), generation \(status.generation)")
        fields.add("source", status.source)
        fields.add("proxies", proxies(status.proxies))
        if let held = status.held { fields.add("held", "by " + held.summary) }
        if let waiting = status.waiting {
            let split = waiting.variants.map { "\($0.name) \($0.model) \($0.traffic) %" }.joined(separator: ", ")
            fields.add(
                "waiting",
                "revision \(waiting.revision) of release \(waiting.release), by \(waiting.actor): "
                    + (split.isEmpty ? "removal" : split))
        }
        for drift in status.drift { fields.add("drift", drift.message) }
        let table = TextTable(
            [
                .left("variant"), .left("version"), .right("traffic"), .right("healthy"), .left("buckets"),
                .left("backends"),
            ],
            rows: status.variants.map { variant in
                [
                    StyledText(variant.name.rawValue, .bold), StyledText("\(variant.model)/\(variant.version)"),
                    StyledText("\(variant.traffic) %"), health(variant), StyledText(buckets(variant.buckets)),
                    StyledText(variant.backends.map(\.description).joined(separator: " ")),
                ]
            })
        return fields.text + "\n\n" + table.text(color: color)
    }

    /// All endpoints, a line each.
    static func list(_ statuses: [EndpointStatus]) -> TextTable {
        TextTable(
            [
                .left("endpoint"), .right("revision"), .left("split"), .left("proxies"), .left("drift"), .left("held"),
            ],
            rows: statuses.map { status in
                let split = status.variants.map { "\($0.name) \($0.model)/\($0.version) \($0.traffic) %" }
                var held = status.held.map { "by \($0.by)" } ?? ""
                if let waiting = status.waiting { held += "; revision \(waiting.revision) waits" }
                return [
                    StyledText(status.endpoint.rawValue, .bold), StyledText(String(status.revision)),
                    StyledText(split.joined(separator: ", ")),
                    StyledText("\(status.proxies.inStep)/\(status.proxies.live)"),
                    StyledText(status.drift.map(\.reason.words).joined(separator: ", "), .warning),
                    StyledText(held, .warning),
                ]
            }, whenEmpty: "There are no endpoints yet.")
    }

    private static func proxies(_ proxies: EndpointStatus.Proxies) -> String {
        proxies.live == 0 ? "none is live" : "\(proxies.inStep) of \(proxies.live) live ones in step"
    }

    private static func health(_ variant: EndpointStatus.VariantStatus) -> StyledText {
        guard let healthy = variant.healthyBackends else { return StyledText("unknown", .dim) }
        let style: StyledText.Style = healthy == variant.backends.count ? .good : healthy == 0 ? .bad : .warning
        return StyledText("\(healthy) of \(variant.backends.count)", style)
    }

    private static func buckets(_ ranges: [BucketRange]) -> String {
        guard ranges.count > 3 else {
            return ranges.isEmpty ? "none" : ranges.map(\.description).joined(separator: " ")
        }
        return ranges.prefix(3).map(\.description).joined(separator: " ") + " and \(ranges.count - 3) more"
    }
}

extension Drift.Reason {
    var words: String {
        switch self {
        case .hold: "hold"
        case .outOfStep: "out of step"
        case .unhealthy: "unhealthy"
        }
    }
}
