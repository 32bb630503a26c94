package import Resources

extension ReleasePlanner {
    /// Gives a variant a share of the traffic at once; the others divide what is left in proportion to what they have.
    ///
    /// - Parameter until: when the hold ends by itself; `nil` for never.
    /// - Throws: `notFound` for an unknown variant, `conflict` under another's hold, `invalid` when nobody is there to
    ///   take the rest.
    package func promote(
        _ head: EndpointHead, variant: VariantName, to share: Share, until: Timestamp?, takesOver: Bool
    ) throws(TurnoutError) -> PlannedRelease {
        try demandNoOthersHold(on: head, takesOver: takesOver)
        var content = head.active.content
        content.spec.variants = try Self.split(content.spec.variants, giving: share, to: variant, of: head.name)
        let makesHold = EndpointDraft.NewHold(kind: .promote, by: note.actor, reason: note.reason, until: until)
        let buckets = try EndpointBuckets(stored: head.bucketMap, of: head.name)
        return try held(
            .promote, head, content, try buckets.reallocated(to: content.spec.variants), restores: nil,
            makesHold: makesHold)
    }

    /// A change that acts at once and puts its hold on the endpoint. Repeating it changes nothing but the hold.
    func held(
        _ origin: RevisionOrigin, _ head: EndpointHead, _ content: Endpoint, _ buckets: EndpointBuckets,
        restores: Int?, makesHold: EndpointDraft.NewHold
    ) throws(TurnoutError) -> PlannedRelease {
        release(
            origin, commit: nil,
            [try heldEndpoint(head, content, buckets, restores: restores, makesHold: makesHold)],
            notes: formerHoldNotes(head))
    }

    func heldEndpoint(
        _ head: EndpointHead, _ content: Endpoint, _ buckets: EndpointBuckets, restores: Int?,
        makesHold: EndpointDraft.NewHold
    ) throws(TurnoutError) -> PlannedEndpoint {
        let step = EndpointStep(head: head)
        let end = endOfFormerHold(on: head)
        let hold = Hold(
            by: makesHold.by, reason: makesHold.reason, since: now, until: makesHold.until, kind: makesHold.kind)
        if head.active.says(content) && buckets.ranges == head.active.ranges {
            return PlannedEndpoint(
                change: step.unchanged(held: hold), draft: step.holdOnly(endsHold: end, makesHold: makesHold))
        }
        return PlannedEndpoint(
            change: step.change(.update, to: content, buckets, revision: head.latestRevision + 1, held: hold),
            draft: try step.live(
                content, buckets, restores: restores, fromGit: false, endsHold: end, makesHold: makesHold))
    }

    func formerHoldNotes(_ head: EndpointHead) -> [String] {
        guard let hold = hold(of: head), hold.by != note.actor else { return [] }
        return ["The hold on '\(head.name)' was taken over from \(hold.summary)."]
    }

    /// - Returns: the variants with new shares that sum to 100 %: largest remainders, ties by name.
    static func split(
        _ variants: [Variant], giving share: Share, to name: VariantName, of endpoint: EndpointName
    ) throws(TurnoutError) -> [Variant] {
        guard variants.contains(where: { $0.name == name }) else {
            let known = variants.map(\.name.rawValue).sorted().joined(separator: ", ")
            throw TurnoutError(.notFound, "Endpoint '\(endpoint)' has no variant '\(name)'; it has \(known).")
        }
        let rest = BucketRange.bucketCount - share.buckets
        let others = variants.filter { $0.name != name }.sorted { $0.name < $1.name }
        let total = others.reduce(0) { $0 + $1.traffic.buckets }
        guard rest == 0 || total > 0 else {
            throw TurnoutError(
                .invalid,
                "No other variant of '\(endpoint)' has traffic, so nobody can take the remaining "
                    + "\(Share.text(ofBuckets: rest)) %: promote another variant instead, or change the split in the "
                    + "endpoint's file and apply it.")
        }
        var shares: [VariantName: Int] = [name: share.buckets]
        var left = rest
        for other in others where total > 0 {
            let part = rest * other.traffic.buckets / total
            shares[other.name] = part
            left -= part
        }
        let byRemainder = others.sorted { first, second in
            let (one, two) = (
                rest * first.traffic.buckets % max(total, 1), rest * second.traffic.buckets % max(total, 1)
            )
            return one == two ? first.name < second.name : one > two
        }
        for other in byRemainder.prefix(left) { shares[other.name, default: 0] += 1 }
        return variants.map { variant in
            var changed = variant
            changed.traffic = Share(buckets: shares[variant.name] ?? 0) ?? .zero
            return changed
        }
    }
}
