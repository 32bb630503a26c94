internal import Resources
internal import SoakHistory
internal import Splitting

/// How changes got out, and what requests met.
extension RunRecord {
    func convergence() -> Finding {
        var finding = Finding(
            6, "observed generations never exceed the newest, and equal it within \(Settlement.limit) of healing")
        for settlement in history.settlements {
            finding.expect(
                settlement.milliseconds != nil,
                "at \(settlement.at / 1000) ms: release \(settlement.newestRelease), table \(settlement.generation) "
                    + "of release \(settlement.tableRelease), proxies at \(settlement.proxies.map(\.generation))")
            for proxy in settlement.proxies {
                finding.expect(
                    proxy.generation <= settlement.generation,
                    "\(proxy.id) is at \(proxy.generation) of \(settlement.generation)")
            }
        }
        let newest = tables.keys.max() ?? 0
        for score in history.scores {
            guard let generation = score.generation else { continue }
            finding.expect(generation <= newest, "an answer came from generation \(generation) of \(newest)")
        }
        return finding
    }

    func proxyGenerations() -> Finding {
        var finding = Finding(7, "a proxy's generation never falls")
        var reported: [String: Int] = [:]
        for step in facts.proxySteps {
            let last = reported.updateValue(step.generation, forKey: "\(step.proxy) \(step.incarnation)") ?? 0
            finding.expect(step.generation >= last, "\(step.proxy) reported \(step.generation) after \(last)")
        }
        var served: [Int: Int] = [:]
        // One client a proxy, which sends one request after the other.
        for score in history.scores.sorted(by: { $0.sentAt < $1.sentAt }) {
            guard let generation = score.generation else { continue }
            let last = served.updateValue(generation, forKey: score.proxy) ?? 0
            finding.expect(generation >= last, "proxy \(score.proxy) answered from \(generation) after \(last)")
        }
        return finding
    }

    func leaseEpochs() -> Finding {
        var finding = Finding(8, "an accepted epoch never falls and is the lease's; one holder an epoch")
        var lastGrant = 0
        for grant in facts.grants {
            finding.expect(grant.epoch > lastGrant, "epoch \(grant.epoch) went to \(grant.holder) after \(lastGrant)")
            lastGrant = grant.epoch
        }
        var last: RegistryFacts.Publication?
        for publication in facts.publications {
            finding.expect(
                publication.epoch == publication.leaseEpoch,
                "generation \(publication.generation) was written under epoch \(publication.epoch), when the lease was "
                    + "at \(publication.leaseEpoch)")
            if let last {
                finding.expect(
                    publication.epoch >= last.epoch && publication.release >= last.release
                        && publication.generation - last.generation == (publication.isNew ? 1 : 0),
                    "generation \(last.generation), epoch \(last.epoch), release \(last.release) was followed by "
                        + "\(publication.generation), \(publication.epoch), \(publication.release)")
            }
            last = publication
        }
        return finding
    }

    func servedTables() -> Finding {
        var finding = Finding(9, "the table that a proxy serves is the compiled one, by digest")
        for table in tables.values {
            finding.expect(
                table.actualDigest == table.digest && table.table != nil,
                "generation \(table.generation) is not what its digest says")
        }
        // A proxy whose threads are changing over names no digest.
        for step in facts.proxySteps where !step.digest.isEmpty {
            finding.expect(
                step.digest == tables[step.generation]?.digest,
                "\(step.proxy) serves another generation \(step.generation) than was published")
        }
        for settlement in history.settlements {
            for proxy in settlement.proxies where settlement.milliseconds != nil {
                finding.expect(proxy.digest == settlement.digest, "\(proxy.id) settled at another table")
            }
        }
        guard let newest = tables.values.max(by: { $0.generation < $1.generation }) else { return finding }
        for endpoint in facts.endpoints {
            guard !endpoint.isRemoved else {
                finding.expect(newest.route(endpoint.name) == nil, "the newest table still has \(endpoint.name)")
                continue
            }
            let revision = facts.revisions.first { $0.endpoint == endpoint.name && $0.number == endpoint.active }
            let route = newest.route(endpoint.name)
            let arms = Dictionary(
                (route?.variants ?? []).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            finding.expect(
                route?.revision == endpoint.active && arms.mapValues(\.version) == revision?.versions
                    && arms.mapValues(\.ranges).filter { !$0.value.isEmpty } == revision?.ranges,
                "the newest table does not say what revision \(endpoint.active) of \(endpoint.name) says")
        }
        return finding
    }

    func partitions() -> Finding {
        var finding = Finding(
            10, "ranges partition the buckets in every table; no share on a deleted or unknown version")
        for table in tables.values {
            for route in table.table?.routes ?? [] {
                finding.expect(
                    route.variants.flatMap(\.ranges).isPartition,
                    "\(route.endpoint) in generation \(table.generation) does not own each bucket once")
            }
        }
        let existing = Set(facts.versions.map(\.reference))
        for revision in facts.revisions {
            finding.expect(
                revision.ranges.values.joined().isPartition && existing.isSuperset(of: revision.versions.values),
                "revision \(revision.number) of \(revision.endpoint)")
        }
        var deleted: Set<String> = []
        let versions = Dictionary(grouping: facts.revisions, by: \.endpoint)
        for entry in facts.audit {
            if entry.action == "version.delete" { deleted.insert(entry.subject) }
            for part in entry.change?.endpoints ?? [] {
                guard let number = part.revision else { continue }
                let used = versions[part.endpoint]?.first { $0.number == number }?.versions.values
                finding.expect(
                    deleted.isDisjoint(with: (used.map(Array.init) ?? []).map(\.description)),
                    "revision \(number) of \(part.endpoint) uses a version that was deleted before")
            }
        }
        return finding
    }

    func answersWereLive() -> Finding {
        var finding = Finding(11, "every answer names the variant that a table gave its key between request and answer")
        let settled = history.settlements.filter { $0.milliseconds != nil }.sorted { $0.at < $1.at }
        for score in history.scores where score.status == 200 || score.status == 404 {
            let generation = score.generation ?? 0
            let floor = settled.last { $0.at <= score.sentAt }?.generation ?? 0
            let owner = tables[generation]?.route(score.endpoint)?.owner(of: score.key)
            finding.expect(
                generation >= floor && tables[generation] != nil && (owner == nil) == (score.status == 404)
                    && owner?.name.rawValue == score.variant && owner?.version.description == score.version
                    && score.scorer == score.variant,
                "\(score.key) of \(score.endpoint) was answered by \(score.variant ?? "-") \(score.version ?? "-") "
                    + "(scorer \(score.scorer ?? "-")) of generation \(generation), when \(floor) was settled; the owner "
                    + "was \(owner.map { "\($0.name) \($0.version)" } ?? "nobody")")
        }
        return finding
    }

    func servingErrors() -> Finding {
        var finding = Finding(13, "no scoring request fails while only the control plane is hurt")
        for score in history.scores {
            // What is not there is answered so; whether it was there, the answers' own check knows.
            let isServed = score.status == 200 || score.status == 404
            finding.expect(
                isServed || score.status == nil && history.outages.contains { $0.touches(score) },
                "proxy \(score.proxy), \(score.endpoint) at \(score.sentAt / 1000) ms: \(score.status.map(String.init) ?? "no answer")"
            )
        }
        return finding
    }

    func leaks() -> Finding {
        var finding = Finding(14, "no lock, transaction or connection is left behind")
        for settlement in history.settlements {
            finding.expect(settlement.lingering.isEmpty, settlement.lingering.joined(separator: "; "))
            for (server, count) in settlement.sessions.enumerated() {
                finding.expect(
                    count <= Self.mostSessions, "server \(server) has \(count) connections to PostgreSQL")
            }
        }
        finding.expect(history.evidence?.endedOrderly == true, "a process did not end when it was told to")
        return finding
    }

    /// A server's pool, and its listeners.
    private static var mostSessions: Int { 16 + 4 }
}
