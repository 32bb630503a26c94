import ControlAPIClient
import Resources
import SoakHistory

/// Asks `explain`, once everything is over, about moments in which proxies had answered, and records what it says.
struct PastAnswers: Sendable {
    private static let sample = (byGeneration: 500, byClock: 200)
    private static let questionsAtOnce = 4

    let client: APIClient
    let observer: Observer
    let history: HistoryWriter

    private struct Question: Sendable {
        let score: ScoreRecord
        let basis: ExplainedAnswer.Basis
        let moment: Timestamp
    }

    /// - Parameters:
    ///   - recorded: what the run recorded so far.
    ///   - seed: decides which answers are asked about.
    func explain(_ recorded: History, seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed, stream: 997)
        let answers = recorded.scores.filter { $0.status == 200 || $0.status == 404 }.shuffled(using: &generator)
        let questions =
            try await byGeneration(answers, using: &generator) + byClock(answers, recorded, using: &generator)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, question) in questions.enumerated() {
                if number >= Self.questionsAtOnce { try await group.next() }
                group.addTask { try await ask(question) }
            }
            try await group.waitForAll()
        }
    }

    /// Some moment in which the release was the newest whose table the answer names.
    private func byGeneration(
        _ answers: [ScoreRecord], using generator: inout SeededGenerator
    ) async throws -> [Question] {
        let times = try await observer.releaseTimes()
        return answers.lazy.compactMap { score in
            times[score.generation ?? 0].map { (score, $0) }
        }.prefix(Self.sample.byGeneration).map { score, time in
            let moment = Int64.random(
                in: time.lowerBound.microseconds..<time.upperBound.microseconds, using: &generator)
            return Question(score: score, basis: .generation, moment: Timestamp(microseconds: moment))
        }
    }

    /// Answers that were given while nothing changed, before anybody's clock jumped.
    private func byClock(
        _ answers: [ScoreRecord], _ recorded: History, using generator: inout SeededGenerator
    ) -> [Question] {
        let firstJump = recorded.faults.first { $0.fault == .clockJump }?.at ?? .max
        let times = recorded.settlements.compactMap { settlement in
            settlement.stillness.map { (since: settlement.at, until: $0.until, moment: $0.moment) }
        }.filter { $0.until < firstJump }
        return answers.lazy.compactMap { score in
            times.first { $0.since <= score.sentAt && score.answeredAt <= $0.until }.map { time in
                Question(score: score, basis: .clock, moment: time.moment)
            }
        }.prefix(Self.sample.byClock).map(\.self)
    }

    private func ask(_ question: Question) async throws {
        let score = question.score
        var owner: ExplainedAnswer.Owner?
        do {
            let explanation = try await client.explain(score.endpoint, key: score.key, at: question.moment)
            owner = .init(
                variant: explanation.variant.rawValue,
                version: VersionReference(model: explanation.model, version: explanation.version).description)
        } catch let error as ClientError where error.code == .refused(.notFound) {
            owner = nil
        }
        try history.append(
            .explained(
                ExplainedAnswer(score: score, basis: question.basis, moment: question.moment, owner: owner)))
    }
}
