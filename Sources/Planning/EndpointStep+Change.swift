internal import Resources

/// A step as a caller sees it, against what is live now.
extension EndpointStep {
    func change(
        _ action: EndpointChange.Action, to content: Endpoint, _ buckets: EndpointBuckets, revision: Int?, held: Hold?
    ) -> EndpointChange {
        guard !head.isRemoved else { return creation(of: content, revision: revision, held: held) }
        let before = head.active.content
        return EndpointChange(
            endpoint: head.name, action: action, fromRevision: head.active.number, toRevision: revision,
            before: before.summaries, after: content.summaries,
            moves: EndpointDifference.moves(from: before, head.active.ranges, to: content, buckets.ranges),
            fields: EndpointDifference.fields(from: before, to: content) + handOver, held: held,
            warnings: EndpointDifference.warnings(from: before, to: content))
    }

    /// What was removed comes back.
    private func creation(of content: Endpoint, revision: Int?, held: Hold?) -> EndpointChange {
        EndpointChange(
            endpoint: head.name, action: .create, fromRevision: nil, toRevision: revision, before: [],
            after: content.summaries, moves: [], fields: [], held: held, warnings: [])
    }

    func removal(_ action: EndpointChange.Action, held: Hold?) -> EndpointChange {
        EndpointChange(
            endpoint: head.name, action: action, fromRevision: head.active.number, toRevision: head.latestRevision + 1,
            before: head.active.content.summaries, after: [], moves: [], fields: [], held: held, warnings: [])
    }

    /// Nothing that is live changes.
    func unchanged(held: Hold?, action: EndpointChange.Action = .unchanged) -> EndpointChange {
        let summaries = head.isRemoved ? [] : head.active.content.summaries
        return EndpointChange(
            endpoint: head.name, action: action, fromRevision: head.active.number, toRevision: nil,
            before: summaries, after: summaries, moves: [], fields: handOver, held: held, warnings: [])
    }

    /// The change of the source, if there is one; the first is no news.
    private var handOver: [FieldChange] {
        guard let former = head.source, let source, former != source else { return [] }
        return [FieldChange(path: "source", before: former, after: source)]
    }

    var changesSource: Bool { source != head.source }
}
