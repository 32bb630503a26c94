import ControlAPIClient
import ControlAPITypes
import Resources
import SoakHistory

/// One of the run's users: asks for one thing after the other, and asks again with the same idempotency key when it was
/// not told what came of it.
struct Client: Sendable {
    /// Attempts at most; whoever gives up earlier leaves an unknown outcome behind.
    private static let patience = 12
    private static let pause = Duration.milliseconds(50)
    private static let longestPause = Duration.milliseconds(800)

    let number: Int
    /// One for each server.
    let servers: [APIClient]
    let history: HistoryWriter
    let observer: Observer
    let world: World

    /// Sees one operation through.
    /// - Parameter generator: the client's own.
    func perform(_ operation: ClientOperation, intent: String, using generator: inout SeededGenerator) async throws {
        var pause = Self.pause
        let isImpatient = generator.chance(0.1)
        for attempt in 1...Self.patience {
            let outcome = try await send(operation, intent, attempt, isRepeat: false, using: &generator)
            switch outcome {
            case .ok(let answer):
                world.learn(operation, answer)
                if !operation.isRead, generator.chance(0.1) {
                    _ = try await send(operation, intent, attempt + 1, isRepeat: true, using: &generator)
                }
                return
            case .refused(let code, _) where code != .unavailable: return
            case .refused where operation.isRead: return
            case .refused: break
            case .unknown where isImpatient: return
            case .unknown: break
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func send(
        _ operation: ClientOperation, _ intent: String, _ number: Int, isRepeat: Bool,
        using generator: inout SeededGenerator
    ) async throws -> Attempt.Outcome {
        let server = Int.random(in: 0..<servers.count, using: &generator)
        let isRetry = number > 1 && !isRepeat && !operation.isRead
        let wasRecorded = isRetry ? await observer.isRecorded(intent) : nil
        let sentAt = history.now
        let outcome = await outcome { try await servers[server].perform(operation, intent: intent) }
        try Task.checkCancellation()
        try history.append(
            .attempt(
                Attempt(
                    client: self.number, intent: intent, number: number, isRepeat: isRepeat, wasRecorded: wasRecorded,
                    server: server, operation: operation, sentAt: sentAt, answeredAt: history.now, outcome: outcome)))
        return outcome
    }

    /// What is known after an answer, or after none.
    private func outcome(_ ask: () async throws -> Answer) async -> Attempt.Outcome {
        do {
            return .ok(answer: try await ask())
        } catch let error as ClientError {
            switch error.code {
            case .refused(.outcomeUnknown), .lost, .unexpectedAnswer: return .unknown(message: error.message)
            // Nobody listened: nothing was sent.
            case .unreachable: return .refused(code: .unavailable, message: error.message)
            case .refused(let code): return .refused(code: code, message: error.message)
            case .misconfigured: return .refused(code: .invalid, message: error.message)
            }
        } catch {
            return .unknown(message: "\(error)")
        }
    }
}
