internal import Resources
internal import SoakHistory

/// What clients were told about the registry, and what it holds.
extension RunRecord {
    func versionNumbers() -> Finding {
        var finding = Finding(1, "a model's versions are exactly 1..n")
        let numbers = Dictionary(grouping: facts.versions, by: \.reference.model.rawValue)
            .mapValues { $0.map(\.reference.version) }
        for model in facts.models {
            let found = numbers[model.name] ?? []
            finding.expect(
                found == Array(1..<(found.count + 1)) && found.count == model.versionCounter,
                "\(model.name) counted to \(model.versionCounter) and has \(found)")
        }
        return finding
    }

    func acknowledgedWrites() -> Finding {
        var finding = Finding(2, "every acknowledged write is there, unchanged")
        let releases = Dictionary(uniqueKeysWithValues: facts.releases.map { ($0.number, $0) })
        let revisions = Set(facts.revisions.map { RevisionKey($0.endpoint, $0.number, $0.release) })
        let versions = Dictionary(uniqueKeysWithValues: facts.versions.map { ($0.reference, $0) })
        let moves = Dictionary(grouping: facts.aliasMoves, by: \.reason)
        let models = Set(facts.models.map(\.name))
        for (name, intent) in intents {
            guard !intent.operation.isRead, let (attempt, answer) = intent.acknowledged else { continue }
            switch (intent.operation, answer) {
            case (.createModel(let model), _):
                finding.expect(models.contains(model.rawValue), "\(name): the model \(model) is missing")
            case (_, .version(let version, _)):
                finding.expect(
                    versions[version]?.commit == name && versions[version]?.createdBy == intent.actor,
                    "\(name) was told \(version), which is \(String(describing: versions[version]))")
            case (.deleteVersion(let version), _):
                finding.expect(versions[version]?.isDeleted == true, "\(name): \(version) is still there")
            case (.setAlias(_, _, let version, _), _):
                let made = moves[name] ?? []
                // A move to where it pointed already leaves no trace; the reads' check knows whether that was so.
                finding.expect(made.allSatisfy { $0.version == version }, "\(name) moved an alias to \(made)")
            case (.deleteAlias, .deletion(let isDeleted)):
                finding.expect(
                    (moves[name] ?? []).map(\.version) == (isDeleted ? [nil] : []),
                    "\(name) was told deleted=\(isDeleted), and moved \(moves[name] ?? [])")
            case (_, .change(let outcome)):
                let made = outcome.changes.filter { $0.toRevision != nil }
                let release = releases[outcome.release]
                let isThere =
                    made.isEmpty
                    || (release?.reason == name && release?.actor == attempt.actor
                        && made.allSatisfy { change in
                            revisions.contains(RevisionKey(change.endpoint, change.toRevision ?? 0, outcome.release))
                        })
                finding.expect(
                    isThere, "\(name) was told release \(outcome.release), which is \(String(describing: release))")
            default:
                finding.expect(false, "\(name) got the answer \(answer) to \(intent.operation.name)")
            }
        }
        return finding
    }

    func oneEffect() -> Finding {
        var finding = Finding(3, "an intent has at most one effect, and nothing is there without an intent")
        let versions = Dictionary(grouping: facts.versions, by: \.commit).mapValues(\.count)
        let releases = Dictionary(grouping: facts.releases, by: \.reason).mapValues(\.count)
        let entries = Dictionary(grouping: facts.audit, by: \.reason)
        for (name, intent) in intents where !intent.operation.isRead {
            let effects = [versions[name] ?? 0, releases[name] ?? 0, entries[name]?.count ?? 0]
            let most = intent.outcome == .fail ? 0 : 1
            finding.expect(
                effects.allSatisfy { $0 <= most },
                "\(name) (\(intent.operation.name), \(intent.outcome)) made \(effects[0]) versions, \(effects[1]) "
                    + "releases, \(effects[2]) audit entries")
            expectSameAnswers(name, intent, &finding)
        }
        let known = Set(intents.keys)
        for version in facts.versions {
            finding.expect(known.contains(version.commit ?? ""), "nobody wanted the version \(version.reference)")
        }
        for release in facts.releases where release.actor != Self.product {
            finding.expect(known.contains(release.reason ?? ""), "nobody wanted the release \(release.number)")
        }
        for entry in facts.audit where entry.actor != Self.product && entry.action != "token.create" {
            finding.expect(known.contains(entry.reason ?? ""), "nobody wanted the audit entry \(entry.sequence)")
        }
        return finding
    }

    /// A request that is sent again with its key is answered what it was answered first.
    private func expectSameAnswers(_ name: String, _ intent: Intent, _ finding: inout Finding) {
        guard let first = intent.acknowledged?.answer else { return }
        for attempt in intent.attempts where attempt.isRepeat {
            guard case .ok(let answer) = attempt.outcome else { continue }
            finding.expect(answer == first, "\(name) was answered \(first), and later \(answer)")
        }
    }

    func auditCompleteness() -> Finding {
        var finding = Finding(4, "audit entries equal changes, one for one, in an unbroken chain")
        finding.expect(
            facts.audit.map(\.sequence) == Array(1..<(facts.audit.count + 1)), "the sequence has holes")
        for entry in facts.audit { finding.expect(entry.isChained, "entry \(entry.sequence) is not in the chain") }
        func entries(_ actions: String...) -> [RegistryFacts.AuditRow] {
            facts.audit.filter { actions.contains($0.action) }
        }
        func compare(_ what: String, _ audited: [String], _ changes: [String]) {
            for name in Set(audited).union(changes) {
                let counts = (audited.count { $0 == name }, changes.count { $0 == name })
                finding.expect(counts.0 == counts.1, "\(what) \(name): \(counts.1) made, \(counts.0) audited")
            }
        }
        compare("model", entries("model.create").map(\.subject), facts.models.map(\.name))
        compare(
            "version", entries("version.register").map(\.subject), facts.versions.map(\.reference.description))
        compare(
            "deleted version", entries("version.delete").map(\.subject),
            facts.versions.filter(\.isDeleted).map(\.reference.description))
        let deletions = Set(entries("version.delete").compactMap(\.reason))
        compare(
            "move of alias", entries("alias.set", "alias.delete").map { "\($0.subject) for \($0.reason ?? "")" },
            facts.aliasMoves.filter { !deletions.contains($0.reason ?? "") }
                .map { "\($0.model)@\($0.alias) for \($0.reason ?? "")" })
        let parts = facts.audit.compactMap(\.change).flatMap { change in
            change.endpoints.compactMap { part in
                part.revision.map { "\(part.endpoint) \($0) of \(change.release) live=\(part.live ?? false)" }
            }
        }
        compare(
            "revision", parts,
            facts.revisions.map { "\($0.endpoint) \($0.number) of \($0.release) live=\($0.isActive)" })
        return finding
    }

    func revisionNumbers() -> Finding {
        var finding = Finding(5, "one winner a revision; revisions and releases are 1..n without holes")
        let revisions = Dictionary(grouping: facts.revisions, by: \.endpoint).mapValues { $0.map(\.number) }
        for endpoint in facts.endpoints {
            finding.expect(
                revisions[endpoint.name] == Array(1..<(endpoint.latest + 1)),
                "\(endpoint.name) is at \(endpoint.latest) and has \(revisions[endpoint.name] ?? [])")
        }
        finding.expect(
            facts.releases.map(\.number) == Array(1..<(facts.releaseCounter + 1)),
            "the releases up to \(facts.releaseCounter) are \(facts.releases.map(\.number))")
        var winners: [String: String] = [:]
        for (name, intent) in intents {
            guard case .change(let outcome)? = intent.acknowledged?.answer else { continue }
            for change in outcome.changes {
                guard let number = change.toRevision else { continue }
                let revision = "\(change.endpoint) \(number)"
                finding.expect(
                    winners.updateValue(name, forKey: revision) == nil, "several were told that they made \(revision)")
            }
        }
        return finding
    }

    /// Who acts without being asked: the reconciler, when a hold's time has passed.
    static var product: String { "turnout" }
}

private struct RevisionKey: Hashable {
    let endpoint: EndpointName
    let number: Int
    let release: Int

    init(_ endpoint: EndpointName, _ number: Int, _ release: Int) {
        self.endpoint = endpoint
        self.number = number
        self.release = release
    }
}
