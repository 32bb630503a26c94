package import Foundation

/// Everything that a run recorded, in the order of the answers.
package struct History: Sendable {
    package private(set) var header: RunHeader?
    package private(set) var evidence: RunEvidence?
    package private(set) var attempts: [Attempt] = []
    package private(set) var scores: [ScoreRecord] = []
    package private(set) var faults: [FaultRecord] = []
    package private(set) var outages: [ProxyOutage] = []
    package private(set) var settlements: [Settlement] = []
    package private(set) var explained: [ExplainedAnswer] = []

    package init(_ entries: some Sequence<HistoryEntry>) {
        for entry in entries {
            switch entry {
            case .header(let header): self.header = header
            case .attempt(let attempt): attempts.append(attempt)
            case .score(let score): scores.append(score)
            case .fault(let fault): faults.append(fault)
            case .outage(let outage): outages.append(outage)
            case .settlement(let settlement): settlements.append(settlement)
            case .explained(let answer): explained.append(answer)
            case .evidence(let evidence): self.evidence = evidence
            }
        }
    }

    /// Reads a file that a `HistoryWriter` wrote.
    package init(reading url: URL) throws {
        let decoder = JSONDecoder()
        let lines = try Data(contentsOf: url).split(separator: UInt8(ascii: "\n"))
        self.init(try lines.map { try decoder.decode(HistoryEntry.self, from: $0) })
    }

    /// What clients wanted, each with all of its attempts.
    package var intents: [String: Intent] {
        Dictionary(grouping: attempts, by: \.intent).compactMapValues(Intent.init(attempts:))
    }
}

/// What one client wanted once, and how that ended for it.
package struct Intent: Sendable, Hashable {
    /// In the order of their sending; at least one.
    package let attempts: [Attempt]
    package let operation: ClientOperation
    package let actor: String
    package let firstSentAt: RunMoment
    package let lastAnsweredAt: RunMoment

    init?(attempts: [Attempt]) {
        self.attempts = attempts.sorted { $0.sentAt < $1.sentAt }
        guard let first = self.attempts.first else { return nil }
        operation = first.operation
        actor = first.actor
        firstSentAt = first.sentAt
        lastAnsweredAt = attempts.map(\.answeredAt).max() ?? first.answeredAt
    }

    /// `ok` once any attempt was answered so; `fail` only when every attempt was refused.
    package var outcome: Attempt.Outcome.Kind {
        let kinds = Set(attempts.map(\.outcome.kind))
        if kinds.contains(.ok) { return .ok }
        return kinds.contains(.unknown) ? .unknown : .fail
    }

    /// The first attempt that was answered with success.
    package var acknowledged: (attempt: Attempt, answer: Answer)? {
        for attempt in attempts {
            if case .ok(let answer) = attempt.outcome { return (attempt, answer) }
        }
        return nil
    }
}
