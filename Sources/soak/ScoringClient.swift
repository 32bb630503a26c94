import Foundation
import Glibc
import Resources
import SoakHistory
import Synchronization
import TestSupport

/// Sends scoring requests through one proxy, one after the other on a thread of its own, and records every answer.
final class ScoringClient: Sendable {
    private static let users = 500
    private static let pauseMicroseconds: UInt32 = 15_000

    private let proxy: Int
    private let port: Int
    private let history: HistoryWriter
    private let seed: UInt64
    private let isStopping = Atomic(false)
    private let isRunning = Atomic(true)

    init(proxy: Int, port: Int, seed: UInt64, history: HistoryWriter) {
        self.proxy = proxy
        self.port = port
        self.seed = seed
        self.history = history
    }

    func start() { Thread.detachNewThread { [self] in run() } }

    /// Waits for the request that is under way.
    func stop() async throws {
        isStopping.store(true, ordering: .releasing)
        try await eventually(deadline: .seconds(30), "the end of scoring") { !isRunning.load(ordering: .acquiring) }
    }

    private func run() {
        var generator = SeededGenerator(seed: seed, stream: 1000 + UInt64(proxy))
        var connection: ScoringConnection?
        while !isStopping.load(ordering: .acquiring) {
            let endpoint = OperationChooser.all[Int.random(in: 0..<OperationChooser.all.count, using: &generator)]
            let key = "user-\(Int.random(in: 0..<Self.users, using: &generator))"
            let sentAt = history.now
            var record = ScoreRecord(
                proxy: proxy, endpoint: endpoint, key: key, sentAt: sentAt, answeredAt: sentAt)
            do {
                let open = try connection ?? ScoringConnection(port: port)
                connection = open
                let answer = try open.score(path: "/\(endpoint)/score", headers: ["x-user-id": key])
                record.status = answer.status
                record.generation = answer.generation
                record.variant = answer.variant
                record.version = answer.version
                record.scorer = try? JSONDecoder().decode(ScorerAnswer.self, from: Data(answer.body)).version
            } catch {
                connection = nil
            }
            record.answeredAt = history.now
            try? history.append(.score(record))
            usleep(Self.pauseMicroseconds)
        }
        isRunning.store(false, ordering: .releasing)
    }

    private struct ScorerAnswer: Decodable { let version: String }
}
