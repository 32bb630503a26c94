import Resources
import Splitting
import TestSupport
import Testing

@testable import Proxy

extension ServingTests {
    @Suite struct HedgingTests {
        private static let hedging = RetryPolicy(budget: .all, hedgeAfter: Interval(milliseconds: 20))
        private static let failures = ["500", "garbage", "closes", "resets", "half a head"]

        /// An answer that is none, once it is released.
        private func failing(_ way: String) -> RecordingScorer.Script {
            switch way {
            case "500": HedgingPair.held(HedgingPair.answer("no", status: 500))
            case "garbage": HedgingPair.held("SSH-2.0-OpenSSH\r\n")
            case "closes": HedgingPair.held("", then: .closes)
            case "resets": HedgingPair.held("", then: .resets)
            default: HedgingPair.held("HTTP/1.1 200 OK\r\nContent-", then: .closes)
            }
        }

        // MARK: Who answers

        @Test(
            "Where a scorer is slow a second one is asked as well, and the first answer is the client's",
            arguments: [true, false])
        func oneWins(isFirst: Bool) async throws {
            let pair = try HedgingPair()
            let (winner, loser) = isFirst ? (pair.first, pair.second) : (pair.second, pair.first)
            let client = try await pair.hedged()
            winner.release()
            let answer = try client.answer()
            #expect(answer.status == 200 && answer.text == (isFirst ? "one" : "two"))
            #expect(answer["x-turnout-attempts"] == "2")
            try await pair.becomesIdle(kept: 1)
            let series = try pair.series
            #expect(series.hedges == 1 && series.hedgesWon == (isFirst ? 0 : 1) && series.retries == 1)
            #expect(series.answers2xx == 1 && series.turnoutErrors.isEmpty)
            // The other one is only slow.
            #expect(try pair.failures(loser) == 0)
            try await eventually { !pair.proxy.slowRequests().isEmpty }
            let slow = try #require(pair.proxy.slowRequests().first)
            #expect(slow.backend == "http://127.0.0.1:\(winner.port)" && slow.attempts == 2)
            // What it says in the end, nobody hears, and its connection is gone.
            loser.release()
            try await eventually { loser.openConnections == 0 }
            for scorer in [winner, loser] { scorer.script = .init() }
            try client.send(request())
            #expect(try client.answer().text == "ok")
            #expect(try pair.series.hedges == 1 && winner.openConnections == 1)
        }

        @Test("Where one of the two fails, the other one's answer is waited for", arguments: failures, [true, false])
        func oneFails(way: String, isFirst: Bool) async throws {
            let pair = try HedgingPair()
            let (bad, good) = isFirst ? (pair.first, pair.second) : (pair.second, pair.first)
            bad.script = failing(way)
            let client = try await pair.hedged()
            bad.release()
            try await eventually("it counts against the scorer") { try pair.failures(bad) == 1 }
            good.release()
            let answer = try client.answer()
            #expect(answer.status == 200 && answer.text == (isFirst ? "two" : "one"))
            #expect(answer["x-turnout-attempts"] == "2")
            try await pair.becomesIdle(kept: 1)
            let series = try pair.series
            #expect(series.hedges == 1 && series.hedgesWon == (isFirst ? 1 : 0))
            #expect(series.retries == 1 && series.turnoutErrors.isEmpty && series.answers5xx == 0)
            #expect(try pair.failures(bad) == 1 && pair.failures(good) == 0)
        }

        @Test("Where both fail there is one answer, made of the last failure", arguments: failures, [true, false])
        func bothFail(way: String, isFirst: Bool) async throws {
            let pair = try HedgingPair()
            let (early, late) = isFirst ? (pair.first, pair.second) : (pair.second, pair.first)
            early.script = failing("500")
            late.script = failing(way)
            let client = try await pair.hedged()
            early.release()
            try await eventually { try pair.failures(early) == 1 }
            late.release()
            let answer = try client.answer()
            let codes = ["500": nil, "garbage": "bad_answer"]
            let code = codes[way] ?? "backend_closed"
            #expect(answer.status == (code == nil ? 500 : 502) && answer.code == code)
            #expect(answer["x-turnout-attempts"] == "2")
            let series = try pair.series
            #expect(series.turnoutErrors == (code.map { [$0: 1] } ?? [:]))
            #expect(series.hedgesWon == 0 && series.answers2xx == 0)
            #expect(try pair.failures(late) == 1)
            try await pair.becomesIdle(kept: code == nil ? 1 : 0)
            #expect(try pair.series.answers5xx == 1)
        }

        @Test("Where the second scorer can't be connected to, the first one's answer is waited for")
        func refused() async throws {
            let pair = try HedgingPair()
            pair.second.stop()
            let client = try ScoringClient(port: pair.proxy.boundPort)
            try client.send(request())
            let slot = try pair.slot(pair.second)
            try await eventually { pair.proxy.backends.slots.consecutiveConnectFailures(slot) == 1 }
            pair.first.release()
            let answer = try client.answer()
            #expect(answer.status == 200 && answer.text == "one")
            #expect(answer["x-turnout-attempts"] == "2")
            try await pair.becomesIdle(kept: 1)
            let series = try pair.series
            #expect(series.connectFailures == 1 && series.hedges == 1 && series.hedgesWon == 0)
            #expect(series.turnoutErrors.isEmpty)
            // It was sent nothing twice, and its connection is whole.
            pair.first.script = .init()
            try client.send(request())
            #expect(try client.answer().text == "ok")
            #expect(pair.first.requestCount == 2 && pair.first.openConnections == 1)
        }

        @Test("An interim answer that is passed on decides who answers")
        func interim() async throws {
            let pair = try HedgingPair()
            pair.second.script.held.insert(Array("HTTP/1.1 103 Early Hints\r\n\r\n".utf8), at: 0)
            let client = try await pair.hedged()
            pair.second.release()
            #expect(try client.answer().status == 103)
            // Too late.
            pair.first.release()
            try await eventually { pair.first.openConnections == 0 }
            pair.second.release()
            #expect(try client.answer().text == "two")
            try await pair.becomesIdle(kept: 1)
            #expect(try pair.series.hedgesWon == 1)
        }

        @Test("Each of two sendings has its own time, and one whose time is over is given up for the other")
        func perTry() async throws {
            var policy = Self.hedging
            policy.perTryTimeout = Interval(milliseconds: 200)
            let pair = try HedgingPair(policy)
            let client = try await pair.hedged()
            try await eventually("the first one's time is over") { try pair.failures(pair.first) == 1 }
            pair.second.release()
            let answer = try client.answer()
            #expect(answer.status == 200 && answer.text == "two")
            try await pair.becomesIdle(kept: 1)
            #expect(try pair.series.retries == 1)
        }

        // MARK: Ends

        @Test("A request whose time is over while two scorers have it is answered 504 once, and both are let go")
        func deadline() async throws {
            let pair = try HedgingPair(route: { $0.timeout = .seconds(1) })
            let client = try await pair.hedged()
            let answer = try client.answer()
            #expect(answer.status == 504 && answer.code == "timeout")
            #expect(answer["x-turnout-attempts"] == "2")
            try await pair.becomesIdle(kept: 0)
            #expect(try pair.series.turnoutErrors == ["timeout": 1])
            #expect(try pair.failures(pair.first) == 1 && pair.failures(pair.second) == 1)
            pair.first.script = .init()
            try client.send(request())
            #expect(try client.answer().text == "ok")
        }

        @Test("When the client leaves, both scorers are let go, their places are free, and neither counts as busy")
        func abandoned() async throws {
            let pair = try HedgingPair(route: { $0.limits = EndpointLimits(maxConnectionsPerBackend: 1) })
            let slots = try [pair.slot(pair.first), pair.slot(pair.second)]
            let places = { slots.map { pair.proxy.backends.slots.places($0) } }
            do {
                let client = try await pair.hedged()
                #expect(places() == [1, 1])
                client.resetOnClose()
            }
            try await pair.becomesIdle(kept: 0)
            #expect(places() == [0, 0])
            #expect(try pair.failures(pair.first) == 0 && pair.failures(pair.second) == 0)
            #expect(try pair.series.aborted == ["client_closed": 1])
            pair.proxy.backends.slots.setOutlier(slots[1], false)
            (pair.first.script, pair.second.script) = (.init(), .init())
            let before = [pair.first.requestCount, pair.second.requestCount]
            let client = try ScoringClient(port: pair.proxy.boundPort)
            for _ in 0..<60 {
                try client.send(request())
                #expect(try client.answer().text == "ok")
            }
            // Each has 30 in the mean, with a deviation of 4: a leftover would give one of them all.
            #expect(pair.first.requestCount - before[0] > 5 && pair.second.requestCount - before[1] > 5)
            try await eventually { places() == [0, 0] }
        }

        @Test("Requests that were sent along behind one that two scorers have are answered in their turn")
        func pipelined() throws {
            let scorers = [try StubScorer(version: "1"), try StubScorer(version: "2")]
            defer { for scorer in scorers { scorer.stop() } }
            scorers[0].behaviour.delay = .seconds(15)
            let proxy = try ProxyFixture.proxy(over: scorers, route: { $0.retry = Self.hedging })
            defer { proxy.stop() }
            let second = try #require(proxy.backends.registrations().first { $0.backend.port == scorers[1].port })
            proxy.backends.slots.setOutlier(second.slot, true)
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send((1...8).map { request("/fraud/\($0)") }.joined())
            for number in 1...8 {
                let answer = try client.answer()
                #expect(answer.status == 200 && answer["x-turnout-attempts"] == "2")
                #expect(answer.text.contains("\"path\":\"/\(number)\""))
            }
        }
    }
}
