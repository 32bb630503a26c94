import Resources
import Splitting
import Synchronization
import TestSupport
import Testing

@testable import Proxy

extension ServingTests {
    /// Hedging, retries, limits and deadlines all at once, while scorers do anything.
    @Suite struct HedgingUnderFireTests {
        private static func behaviour(_ dice: inout Dice) -> StubScorer.Behaviour {
            var behaviour = StubScorer.Behaviour()
            if Int.random(in: 0..<3, using: &dice) > 0 {
                behaviour.delay = .milliseconds(Int.random(in: 1...25, using: &dice))
            }
            switch Int.random(in: 0..<14, using: &dice) {
            case 0: behaviour.status = 500
            case 1: behaviour.status = 503
            case 2: behaviour.diesBeforeAnswer = true
            case 3: behaviour.diesInAnswer = true
            case 4: behaviour.closesSilently = true
            case 5: behaviour.closesAfterAnswer = true
            case 6: behaviour.rawAnswer = Array("SSH-2.0-OpenSSH\r\n".utf8)
            case 7: behaviour.rawAnswer = Array("HTTP/1.1 200 OK\r\nContent-".utf8)
            case 8: behaviour.framing = .chunked
            case 9: behaviour.framing = .closeDelimited
            case 10: behaviour.interim = Array("HTTP/1.1 103 Early Hints\r\n\r\n".utf8)
            default: break
            }
            return behaviour
        }

        @Test(
            "Whatever two scorers do to a request, its answer is its own, and nothing is held when it is over",
            arguments: [UInt64(11), 12, 13])
        func anything(seed: UInt64) async throws {
            var dice = Dice(state: seed)
            let scorers = try (0..<3).map { try StubScorer(version: "\($0)") }
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try ProxyFixture.proxy(
                over: scorers, configure: { $0.threads = 2 },
                route: {
                    $0.retry = RetryPolicy(
                        attempts: 2, on: seed == 11 ? [.connect] : RetryPolicy.Condition.allCases, budget: .all,
                        perTryTimeout: seed == 13 ? Interval(milliseconds: 16) : nil,
                        hedgeAfter: Interval(milliseconds: 4))
                    $0.timeout = Interval(milliseconds: 60)
                    $0.limits = EndpointLimits(maxConnectionsPerBackend: 4)
                })
            defer { proxy.stop() }
            let crowd = Crowd(port: proxy.boundPort, clients: 6, seed: seed)
            for _ in 0..<150 {
                let scorer = scorers[Int.random(in: 0..<scorers.count, using: &dice)]
                scorer.behaviour = Self.behaviour(&dice)
                let before = crowd.ended
                try await eventually { crowd.ended > before + 10 }
            }
            for scorer in scorers { scorer.behaviour = StubScorer.Behaviour() }
            try await crowd.stop()
            #expect(crowd.faults == [])
            let slots = proxy.backends.slots
            try await eventually("nothing is held") {
                let metrics = proxy.metrics()
                return metrics.clientConnections == 0 && metrics.series.allSatisfy { $0.inFlight == 0 }
                    && metrics.backendConnections == metrics.idleBackendConnections
                    && proxy.backends.registrations().allSatisfy { slots.places($0.slot) == 0 }
                    && scorers.reduce(0) { $0 + $1.openConnections } == Int(metrics.backendConnections)
            }
            let series = try #require(proxy.metrics().series.first { $0.variant == "champion" })
            #expect(series.hedgesWon > 0 && series.hedgesWon <= series.hedges && series.hedges <= series.retries)
            #expect(series.answers2xx >= UInt64(crowd.served))
            // None counts as busy with what is long over.
            let before = scorers.map(\.requestCount)
            for _ in 0..<90 {
                let client = try ScoringClient(port: proxy.boundPort)
                try client.send(request())
                #expect(try client.answer().status == 200)
            }
            for (scorer, before) in zip(scorers, before) { #expect(scorer.requestCount > before + 5) }
        }
    }
}

/// Clients that send one request or two, wait for the answers or leave, and hold every answer against its request.
private final class Crowd: Sendable {
    private struct State {
        var ended = 0
        var served = 0
        var faults: [String] = []
        var running = 0
    }

    private let state = Mutex(State())
    private let isStopping = Atomic(false)

    /// Requests that are over, answered or not.
    var ended: Int { state.withLock { $0.ended } }
    /// Those answered 200.
    var served: Int { state.withLock { $0.served } }
    var faults: [String] { state.withLock { $0.faults } }

    init(port: UInt16, clients: Int, seed: UInt64) {
        state.withLock { $0.running = clients }
        for index in 0..<clients {
            StubThread.spawn { [self] in
                var dice = Dice(state: seed &* 1_000_003 &+ UInt64(index))
                var number = 0
                while !isStopping.load(ordering: .relaxed) {
                    do { try visit(port, index, &number, &dice) } catch {
                        // A cut answer, as some scorers have it.
                        state.withLock { $0.ended += 1 }
                    }
                }
                state.withLock { $0.running -= 1 }
            }
        }
    }

    func stop() async throws {
        isStopping.store(true, ordering: .relaxed)
        try await eventually { state.withLock { $0.running } == 0 }
    }

    /// One connection, for some requests.
    private func visit(_ port: UInt16, _ index: Int, _ number: inout Int, _ dice: inout Dice) throws {
        let client = try ScoringClient(port: port)
        for _ in 0..<Int.random(in: 1...20, using: &dice) where !isStopping.load(ordering: .relaxed) {
            let paths = (0..<Int.random(in: 1...2, using: &dice)).map { "/\(index)-\(number + $0)" }
            number += paths.count
            try client.send(paths.map { request("/fraud\($0)") }.joined())
            if Int.random(in: 0..<16, using: &dice) == 0 {
                client.resetOnClose()
                state.withLock { $0.ended += paths.count }
                return
            }
            for path in paths {
                var answer = try client.answer()
                while answer.status == 103 { answer = try client.answer() }
                note(answer, path)
                if answer["connection"] == "close" { return }
            }
        }
    }

    private func note(_ answer: ScoringClient.Answer, _ path: String) {
        var fault: String?
        if answer.code == nil, !answer.text.contains("\"path\":\"\(path)\"") {
            fault = "\(path) was answered \(answer.text)"
        }
        if ![200, 500, 502, 503, 504].contains(answer.status) { fault = "\(path): \(answer.status)" }
        if let sendings = answer["x-turnout-attempts"].flatMap({ Int($0) }), sendings > 6 {
            fault = "\(path): \(sendings) sendings"
        }
        state.withLock { state in
            state.ended += 1
            if answer.status == 200 { state.served += 1 }
            if let fault { state.faults.append(fault) }
        }
    }
}
