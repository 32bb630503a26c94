import Resources
import Splitting
import Testing

@testable import SoakChecks
@testable import SoakHistory

@Suite("What the checker finds in what proxies did")
struct ServingFindingTests {
    /// One endpoint of two variants, and a second generation that moves users from one to the other.
    private var facts = RegistryFacts()
    private let endpoint = EndpointName(unchecked: "score")
    private let model = ModelName(unchecked: "fraud")
    private let names = ["champion", "challenger"].map(VariantName.init(unchecked:))
    private let owner: RoutingTable.Arm
    private let key = "user-1"

    init() throws {
        let (endpoint, model, names) = (endpoint, model, names)
        let routes = try [9000, 1].map { try Self.route(endpoint, model, names, first: $0) }
        guard let owner = routes[0].owner(of: key) else { throw HistoryFault() }
        self.owner = owner
        facts.versions = (1...2).map {
            .init(reference: VersionReference(model: model, version: $0), createdBy: "ada", isDeleted: false)
        }
        facts.releases = [.init(number: 1, actor: "ada"), .init(number: 2, actor: "ada")]
        facts.releaseCounter = 2
        for (index, route) in routes.enumerated() {
            facts.revisions.append(
                .init(
                    endpoint: endpoint, number: index + 1, release: index + 1, isActive: true,
                    ranges: Dictionary(uniqueKeysWithValues: route.variants.map { ($0.name, $0.ranges) }),
                    versions: Dictionary(uniqueKeysWithValues: route.variants.map { ($0.name, $0.version) })))
            facts.publications.append(try publication(index + 1, [route]))
        }
        facts.endpoints = [.init(name: endpoint, latest: 2, active: 2, isRemoved: false)]
        facts.proxySteps = facts.publications.map {
            .init(proxy: "proxy-0", incarnation: "a", generation: $0.generation, digest: $0.digest)
        }
    }

    private static func route(
        _ endpoint: EndpointName, _ model: ModelName, _ names: [VariantName], first: Int
    ) throws -> RoutingTable.Route {
        let ranges = [BucketRange(0, first), BucketRange(first, 10_000)].compactMap(\.self)
        return RoutingTable.Route(
            endpoint: endpoint, revision: first == 9000 ? 1 : 2, hosts: [],
            routingKey: RoutingKey(source: .header, name: "x-user-id"), salt: "score", timeout: .seconds(5),
            retry: RetryPolicy(), health: nil, overrides: [],
            variants: zip(names, ranges).enumerated().map { index, part in
                RoutingTable.Arm(
                    name: part.0, version: VersionReference(model: model, version: index + 1), ranges: [part.1],
                    backends: [Backend(host: "127.0.0.1", port: UInt16(9000 + index))])
            })
    }

    private func publication(
        _ generation: Int, _ routes: [RoutingTable.Route]
    ) throws -> RegistryFacts.Publication {
        let table = try FlatTable(RoutingTable(generation: UInt64(generation), routes: routes))
        var publication = RegistryFacts.Publication(
            generation: generation, epoch: 1, release: generation, leaseEpoch: 1, digest: "", body: try table.bytes())
        var set = RouteSet()
        publication.digest = ServedTable(publication, following: &set).actualDigest
        return publication
    }

    /// An answer of generation 1, as it should be.
    private func score(at sentAt: RunMoment = 100) -> ScoreRecord {
        ScoreRecord(
            proxy: 0, endpoint: endpoint, key: key, sentAt: sentAt, answeredAt: sentAt + 10, status: 200, generation: 1,
            variant: owner.name.rawValue, version: owner.version.description, scorer: owner.name.rawValue)
    }

    private func settlement(at moment: RunMoment, generation: Int, of proxies: [Int]) -> Settlement {
        Settlement(
            at: moment, milliseconds: 1, newestRelease: generation, generation: generation, tableRelease: generation,
            digest: facts.publications[generation - 1].digest,
            proxies: proxies.map {
                .init(id: "proxy-0", generation: $0, digest: facts.publications[$0 - 1].digest)
            }, lingering: [], sessions: [])
    }

    private func record(_ history: [HistoryEntry] = [], _ facts: RegistryFacts? = nil) -> RunRecord {
        RunRecord(history: History(history), facts: facts ?? self.facts)
    }

    @Test("nothing, where nothing is wrong")
    func sound() {
        let record = record([
            .score(score()), .settlement(settlement(at: 200, generation: 2, of: [2])),
            .explained(explained(score(), says: owner)),
        ])
        let findings = [
            record.convergence(), record.proxyGenerations(), record.servedTables(), record.partitions(),
            record.answersWereLive(), record.servingErrors(), record.revisionNumbers(), record.explanations(),
        ]
        #expect(findings.flatMap(\.violations) == [])
        #expect(findings.allSatisfy { $0.checked > 0 })
    }

    @Test("a hole in the numbers of revisions, and in those of releases")
    func holes() {
        var facts = facts
        facts.revisions.removeFirst()
        #expect(record([], facts).revisionNumbers().violations.count == 1)
        facts.releases.removeFirst()
        #expect(record([], facts).revisionNumbers().violations.count == 2)
    }

    @Test("a proxy that is ahead of what was published")
    func ahead() {
        let ahead = settlement(at: 200, generation: 1, of: [2])
        #expect(record([.settlement(ahead)]).convergence().violations.count == 1)
        var answer = score()
        answer.generation = 3
        #expect(record([.score(answer)]).convergence().violations.count == 1)
    }

    @Test("a proxy that goes back, by its reports or by its answers, a restart in between or not")
    func goesBack() {
        var facts = facts
        facts.proxySteps.reverse()
        #expect(record([], facts).proxyGenerations().violations.count == 1)
        var newer = score(at: 10)
        newer.generation = 2
        let outage = ProxyOutage(proxy: 0, from: 30, until: 90)
        #expect(
            record([.score(newer), .outage(outage), .score(score())]).proxyGenerations().violations.count == 1)
    }

    @Test("a proxy that serves another table than was published")
    func otherTable() {
        var facts = facts
        facts.proxySteps[1].digest = facts.proxySteps[0].digest
        #expect(record([], facts).servedTables().violations.count == 1)
    }

    @Test("a table whose bytes are not what its digest says")
    func wrongDigest() {
        var facts = facts
        facts.publications[0].digest = facts.publications[1].digest
        facts.proxySteps = []
        #expect(record([], facts).servedTables().violations.count == 1)
    }

    @Test("a newest table that says something else than the registry, or still has what was removed")
    func staleTable() throws {
        var facts = facts
        facts.publications.removeLast()
        facts.proxySteps.removeLast()
        #expect(record([], facts).servedTables().violations.count == 1)
        facts = self.facts
        facts.endpoints[0].isRemoved = true
        #expect(record([], facts).servedTables().violations.count == 1)
    }

    @Test("a revision that leaves buckets to nobody or gives one to two, and one of a version that is not there")
    func noPartition() throws {
        for upper in [8999, 9001] {
            var facts = facts
            facts.revisions[0].ranges[names[0]] = [BucketRange(0, upper)].compactMap(\.self)
            #expect(record([], facts).partitions().violations.count == 1)
        }
        var facts = facts
        facts.versions.removeLast()
        #expect(record([], facts).partitions().violations.count == 2)
    }

    @Test("a revision of a version that had been deleted")
    func deletedVersion() {
        var facts = facts
        let change = AuditedChange(
            release: 2, endpoints: [.init(endpoint: endpoint, revision: 2, live: true, endsHold: nil, holdUntil: nil)])
        facts.audit = [
            .init(
                sequence: 1, actor: "ada", action: "version.delete", subject: "fraud/1",
                at: Timestamp(microseconds: 1), isChained: true),
            .init(
                sequence: 2, actor: "ada", action: "endpoint.apply", subject: "score",
                at: Timestamp(microseconds: 2), change: change, isChained: true),
        ]
        #expect(record([], facts).partitions().violations.count == 1)
    }

    @Test(
        "an answer of another variant, version or scorer than the table has, or of a table that was over before it",
        arguments: ["variant", "version", "scorer", "generation", "status"])
    func wrongAnswer(_ fault: String) {
        var answer = score(at: 300)
        var history: [HistoryEntry] = []
        switch fault {
        case "variant": answer.variant = names.first { $0 != owner.name }?.rawValue
        case "version": answer.version = "fraud/3"
        case "scorer": answer.scorer = "somebody"
        case "generation": history.append(.settlement(settlement(at: 200, generation: 2, of: [2])))
        default: answer.status = 404
        }
        history.append(.score(answer))
        #expect(record(history).answersWereLive().violations.count == 1)
    }

    @Test("an answer that an endpoint is not there, although its table has it")
    func denied() {
        var answer = score()
        (answer.status, answer.variant, answer.version, answer.scorer) = (404, nil, nil, nil)
        #expect(record([.score(answer)]).answersWereLive().violations.count == 1)
        answer.endpoint = EndpointName(unchecked: "other")
        #expect(record([.score(answer)]).answersWereLive().violations.isEmpty)
    }

    @Test("a scoring request that fails, unless the run had taken its own proxy down, and then only by no answer")
    func failedRequest() {
        var answer = score()
        answer.status = nil
        let outage = ProxyOutage(proxy: 0, from: 105, until: 150)
        #expect(record([.score(answer)]).servingErrors().violations.count == 1)
        #expect(record([.outage(outage), .score(answer)]).servingErrors().violations.isEmpty)
        answer.proxy = 1
        #expect(record([.outage(outage), .score(answer)]).servingErrors().violations.count == 1)
        answer.proxy = 0
        answer.status = 503
        #expect(record([.outage(outage), .score(answer)]).servingErrors().violations.count == 1)
    }

    @Test("a transaction or connections left behind, and a process that did not end")
    func leftBehind() {
        var settlement = settlement(at: 200, generation: 2, of: [2])
        settlement.lingering = ["session 4711"]
        settlement.sessions = [99]
        let evidence = RunEvidence(serializationFailures: 0, staleLeadersRefused: 0, endedOrderly: false)
        #expect(record([.settlement(settlement), .evidence(evidence)]).leaks().violations.count == 3)
    }

    @Test("an explanation that names somebody else than the answer did, or nobody")
    func wrongExplanation() {
        let other = RoutingTable.Arm(
            name: owner.name, version: VersionReference(model: model, version: 7), ranges: [], backends: [])
        for said in [other, nil] {
            #expect(record([.explained(explained(score(), says: said))]).explanations().violations.count == 1)
        }
        var absent = score()
        absent.status = 404
        #expect(record([.explained(explained(absent, says: nil))]).explanations().violations.isEmpty)
        #expect(record([.explained(explained(absent, says: owner))]).explanations().violations.count == 1)
    }

    private func explained(_ score: ScoreRecord, says arm: RoutingTable.Arm?) -> ExplainedAnswer {
        ExplainedAnswer(
            score: score, basis: .generation, moment: Timestamp(microseconds: 1),
            owner: arm.map { .init(variant: $0.name.rawValue, version: $0.version.description) })
    }

    private struct HistoryFault: Error {}
}
