import ControlAPIClient
import Foundation
import Resources
import Splitting
import Synchronization
import TestSupport
import Testing

@Suite("What explain says of the past")
struct ExplainTests {
    /// More with `TURNOUT_EXPLAIN_CHANGES`.
    private static let changes =
        ProcessInfo.processInfo.environment["TURNOUT_EXPLAIN_CHANGES"].flatMap { Int($0) } ?? 150
    private static let answersPerChange = 16
    private static let fraud = EndpointName(unchecked: "fraud")

    @Test("It agrees with every answer that the proxy gave, through random changes of all kinds")
    func agreesWithTheProxy() async throws {
        try await Dev.with { dev in
            let scorers = try (1...3).map { try StubScorer(version: "fraud/\($0)") }
            defer { for scorer in scorers { scorer.stop() } }
            let client = try APIClient(url: "http://127.0.0.1:\(dev.controlPort)", actor: "ada")
            let model = ModelName(unchecked: "fraud")
            _ = try await client.createModel(ModelDraft(name: model))
            for _ in scorers { _ = try await client.registerVersion(of: model, VersionDraft()) }
            let changer = RandomChanges(client: client, backends: scorers.map(\.authority))

            let load = ScoringLoad(port: dev.proxyPort, path: "/fraud/score", clients: 3, users: 2000, isPaced: true)
            load.floor.store(try await inStep(changer.declare(0), client), ordering: .releasing)
            load.start()
            for number in 1...Self.changes {
                // Some of these answers meet the change on its way, others come after.
                load.allow(Self.answersPerChange)
                let release = try await inStep(changer.change(number), client)
                load.floor.store(release, ordering: .releasing)
            }
            let observations = try await load.stop()
            #expect(load.failures.isEmpty, "\(load.failures)")

            let log = AnswerLog(client: client, releases: try await releases(client))
            for observation in observations {
                let fault = try await log.fault(in: observation)
                #expect(fault == nil)
            }
            #expect(observations.count > Self.changes * Self.answersPerChange / 2)
            #expect(log.settled > observations.count / 10, "many answers leave explain no choice")
            #expect(Set(observations.map(\.answer.status)) == [200, 404], "the endpoint also was away for a while")
        }
    }

    /// - Returns: the release, once every live proxy serves it.
    private func inStep(_ release: Int, _ client: APIClient) async throws -> Int {
        try await eventually(deadline: .seconds(60), "proxies in step with release \(release)") {
            let convergence = try await client.convergence(release: release)
            return convergence.live > 0 && convergence.isComplete
        }
        return release
    }

    private func releases(_ client: APIClient) async throws -> [Release] {
        var releases: [Release] = []
        var cursor: String?
        repeat {
            let page = try await client.releases(PageRequest(limit: 1000, cursor: cursor))
            releases += page.items
            cursor = page.nextCursor
        } while cursor != nil
        return releases.reversed()
    }

    /// Compares answers with what `explain` says of the moments in which they were given.
    private final class AnswerLog {
        private let client: APIClient
        private let releases: [Release]
        /// Answers between whose sending and coming nothing changed.
        private(set) var settled = 0

        init(client: APIClient, releases: [Release]) {
            self.client = client
            self.releases = releases
        }

        /// - Returns: what is wrong with it.
        func fault(in observation: ScoringLoad.Observation) async throws -> String? {
            // What was in step when the request was sent, and whatever was decided until its answer came.
            let possible = releases.drop { $0.number < observation.floor }.filter {
                $0.createdAt <= observation.answered
            }
            var moments = possible.map(\.createdAt)
            if possible.count == 1 {
                settled += 1
                moments = [settled.isMultiple(of: 2) ? observation.sent : observation.answered]
            }
            var said: [String] = []
            for moment in moments {
                said.append(try await explained(observation.user, at: moment))
                if said.last == Self.words(observation.answer) { return nil }
            }
            return
                "\(observation.user) was answered by \(Self.words(observation.answer)) between \(observation.sent) and "
                + "\(observation.answered), generation \(observation.answer.generation ?? 0); explain says \(said)"
        }

        private func explained(_ key: String, at moment: Timestamp) async throws -> String {
            do {
                let explanation = try await client.explain(ExplainTests.fraud, key: key, at: moment)
                return "\(explanation.variant) \(explanation.model)/\(explanation.version)"
            } catch let error as ClientError where error.code == .refused(.notFound) {
                return "nobody"
            }
        }

        private static func words(_ answer: ScoringConnection.Answer) -> String {
            guard answer.status == 200 else { return answer.status == 404 ? "nobody" : "\(answer.status)" }
            return "\(answer.variant ?? "") \(answer.version ?? "")"
        }
    }
}

/// One change after another of one endpoint, each as chance has it; the same chance in every run.
struct RandomChanges {
    let client: APIClient
    let backends: [String]

    private static let names = ["champion", "challenger", "third"].map { VariantName(unchecked: $0) }
    private static let endpoint = EndpointName(unchecked: "fraud")

    /// - Returns: the newest release after it.
    func change(_ number: Int) async throws -> Int {
        do {
            switch draw(number, "kind") % 10 {
            case 0, 1:
                let request = PromoteRequest(
                    variant: Self.names[draw(number, "variant") % 2], traffic: Share(buckets: draw(number, "share")),
                    holdFor: draw(number, "limit").isMultiple(of: 2) ? Interval(milliseconds: 50) : nil)
                return try await client.promote(Self.endpoint, request).release
            case 2: return try await client.rollback(Self.endpoint, RollbackRequest()).release
            case 3: return try await client.resume(Self.endpoint, ResumeRequest()).release
            case 4:
                let release = 1 + draw(number, "release") % number
                return try await client.rollback(ReleaseRollbackRequest(release: release)).release
            case 5: return try await client.apply(request([])).release
            default: return try await declare(number)
            }
        } catch let error as ClientError {
            // Not every change is possible at every time; nothing happened then.
            guard case .refused = error.code else { throw error }
            return try await client.releases(PageRequest(limit: 1)).items.first?.number ?? 0
        }
    }

    /// Two or three variants with other versions and shares, and at times another salt.
    func declare(_ number: Int) async throws -> Int {
        let count = 2 + draw(number, "count") % 2
        let cuts = (1..<count).map { draw(number, "cut \($0)") }.sorted()
        let shares = zip([0] + cuts, cuts + [10_000]).map { $1 - $0 }
        let variants = try shares.enumerated().map { index, share in
            let version = (index + draw(number, "version")) % backends.count
            return DeclaredVariant(
                name: Self.names[index], model: try VersionSelector(parsing: "fraud/\(version + 1)"),
                traffic: Share(buckets: share) ?? .zero,
                backends: [try BackendTemplate(parsing: "http://\(backends[version])")])
        }
        let spec = DeclaredSpec(
            routingKey: RoutingKey(source: .header, name: "x-user-id"),
            salt: draw(number, "salt").isMultiple(of: 4) ? "salt-\(number)" : nil, variants: variants)
        return try await client.apply(request([DeclaredEndpoint(name: Self.endpoint, spec: spec)])).release
    }

    private func request(_ endpoints: [DeclaredEndpoint]) -> ApplyRequest {
        ApplyRequest(endpoints: endpoints, source: "here//endpoints", inventory: endpoints.map(\.name), prune: true)
    }

    private func draw(_ number: Int, _ what: String) -> Int { Bucket.of(key: "\(number) \(what)", salt: "chance") }
}
