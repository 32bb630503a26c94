package import Resources

extension RevisionDifference {
    package init(from old: Revision, to new: Revision) {
        let bothThere = !old.removed && !new.removed
        self.init(
            endpoint: new.endpoint, from: old.number, to: new.number, before: old.summaries,
            after: new.summaries,
            fields: bothThere ? EndpointDifference.fields(from: old.content, to: new.content) : [],
            moves: bothThere
                ? EndpointDifference.moves(from: old.content, old.ranges, to: new.content, new.ranges) : [])
    }
}

extension ReleaseDifference {
    /// - Parameters:
    ///   - endpoints: which may differ.
    ///   - before: what each had live at the one release, if it was known then; gone ones count as unknown.
    package init(
        from: Int, to: Int, endpoints: [EndpointName], before: [EndpointName: Revision],
        after: [EndpointName: Revision]
    ) {
        let changes = endpoints.sorted().compactMap { name in
            Self.change(name, before[name].flatMap(Self.present), after[name].flatMap(Self.present))
        }
        self.init(from: from, to: to, changes: changes)
    }

    private static func present(_ revision: Revision) -> Revision? { revision.removed ? nil : revision }

    private static func change(_ name: EndpointName, _ old: Revision?, _ new: Revision?) -> EndpointChange? {
        var change = EndpointChange(
            endpoint: name, action: .update, fromRevision: old?.number, toRevision: new?.number,
            before: old?.summaries ?? [], after: new?.summaries ?? [], moves: [], fields: [], held: nil, warnings: [])
        switch (old, new) {
        case (nil, nil): return nil
        case (nil, _): change.action = .create
        case (_, nil): change.action = .remove
        case (let old?, let new?):
            guard !old.saysTheSame(as: new) || old.ranges != new.ranges else { return nil }
            let difference = RevisionDifference(from: old, to: new)
            change.moves = difference.moves
            change.fields = difference.fields
        }
        return change
    }
}
