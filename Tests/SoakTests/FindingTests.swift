import Foundation
import Resources
import Testing

@testable import SoakChecks
@testable import SoakHistory

@Suite("What the checker finds in a run")
struct FindingTests {
    /// A run in which one client registered one version, and what the registry should hold after it.
    private var history: [HistoryEntry] = []
    private var facts = RegistryFacts()
    private let fraud: ModelName
    private let first: VersionReference

    init() throws {
        fraud = try ModelName(validating: "fraud")
        first = VersionReference(model: fraud, version: 1)
        facts.models = [.init(name: "fraud", versionCounter: 1)]
        facts.versions = [.init(reference: first, commit: "intent-1", createdBy: "client-0", isDeleted: false)]
        facts.audit = [
            entry(1, "model.create", "fraud", "intent-0"), entry(2, "version.register", "fraud/1", "intent-1"),
        ]
        history = [
            attempt("intent-0", .createModel(model: fraud), .ok(answer: .model(latestVersion: nil)), at: 10),
            attempt(
                "intent-1", .registerVersion(model: fraud), .ok(answer: .version(version: first, commit: "intent-1")),
                at: 30),
            .evidence(RunEvidence(serializationFailures: 0, staleLeadersRefused: 0, endedOrderly: true)),
        ]
    }

    private func entry(
        _ sequence: Int, _ action: String, _ subject: String, _ reason: String
    ) -> RegistryFacts.AuditRow {
        .init(
            sequence: sequence, actor: "client-0", action: action, subject: subject, reason: reason,
            at: Timestamp(microseconds: Int64(sequence)), change: nil, isChained: true)
    }

    private func attempt(
        _ intent: String, _ operation: ClientOperation, _ outcome: Attempt.Outcome, at sentAt: RunMoment,
        isRepeat: Bool = false
    ) -> HistoryEntry {
        .attempt(
            Attempt(
                client: 0, intent: intent, number: 1, isRepeat: isRepeat, wasRecorded: nil, server: 0,
                operation: operation, sentAt: sentAt, answeredAt: sentAt + 10, outcome: outcome))
    }

    /// The numbers of the invariants that are broken.
    private func broken(_ history: [HistoryEntry], _ facts: RegistryFacts) -> [Int] {
        RunRecord(history: History(history), facts: facts).findings().filter { !$0.violations.isEmpty }.map(\.number)
    }

    @Test("nothing, in a run in which nothing is wrong")
    func sound() {
        #expect(broken(history, facts) == [])
    }

    @Test("a version that was acknowledged and is gone")
    func lostWrite() {
        var facts = facts
        facts.versions = []
        #expect(broken(history, facts) == [1, 2, 4])
    }

    @Test("an intent that had its effect twice")
    func twoEffects() {
        var facts = facts
        facts.models = [.init(name: "fraud", versionCounter: 2)]
        facts.versions.append(
            .init(
                reference: VersionReference(model: fraud, version: 2), commit: "intent-1", createdBy: "client-0",
                isDeleted: false))
        facts.audit.append(entry(3, "version.register", "fraud/2", "intent-1"))
        #expect(broken(history, facts) == [3])
    }

    @Test("a change without its audit entry")
    func unaudited() {
        var facts = facts
        facts.audit.removeLast()
        #expect(broken(history, facts) == [4])
    }

    @Test("a table that was written under a lease that had gone to another")
    func staleLeader() {
        var facts = facts
        facts.publications = [
            .init(generation: 1, epoch: 1, release: 0, leaseEpoch: 2, digest: "", body: nil, delta: nil)
        ]
        #expect(broken(history, facts) == [8])
    }

    @Test("a read that missed what was acknowledged before it")
    func staleRead() {
        let read = attempt("intent-2", .readModel(model: fraud), .ok(answer: .model(latestVersion: nil)), at: 50)
        #expect(broken(history + [read], facts) == [12])
    }

    @Test("an answer to a repeated request that differs from the first")
    func differentAnswer() {
        let other = VersionReference(model: fraud, version: 2)
        let repeated = attempt(
            "intent-1", .registerVersion(model: fraud), .ok(answer: .version(version: other, commit: "intent-1")),
            at: 50, isRepeat: true)
        #expect(broken(history + [repeated], facts) == [3])
    }

    @Test("a fleet that did not come into step after healing")
    func notSettled() {
        let settlement = HistoryEntry.settlement(
            Settlement(
                at: 90, milliseconds: nil, newestRelease: 2, generation: 1, tableRelease: 1, digest: "", proxies: [],
                lingering: [], sessions: []))
        #expect(broken(history + [settlement], facts) == [6])
    }

    @Test("a revision that went live under another's hold")
    func heldEndpoint() throws {
        var facts = facts
        let endpoint = try EndpointName(validating: "score")
        facts.audit = []
        for (sequence, actor, action) in [(1, "client-1", "endpoint.promote"), (2, "client-2", "endpoint.apply")] {
            var entry = entry(sequence, action, "score", "intent-\(sequence + 6)")
            entry.actor = actor
            entry.change = AuditedChange(
                release: sequence,
                endpoints: [.init(endpoint: endpoint, revision: sequence, live: true, endsHold: nil, holdUntil: nil)])
            facts.audit.append(entry)
        }
        facts.openHolds = [endpoint: "client-1"]
        let record = RunRecord(history: History([]), facts: facts)
        #expect(record.holdsRespected().violations.count == 1)
    }

    @Test("a history as it was written, when it is read again")
    func rereads() throws {
        let file = URL(filePath: "/tmp/turnout-history-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: file) }
        let writer = try HistoryWriter(file)
        for entry in history { try writer.append(entry) }
        let read = try History(reading: file)
        #expect(read.attempts == History(history).attempts)
        #expect(read.evidence == History(history).evidence)
    }
}
