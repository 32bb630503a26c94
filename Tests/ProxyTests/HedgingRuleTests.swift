import Proxy
import Resources
import Splitting
import TestSupport
import Testing

extension ServingTests {
    /// When a request is sent to a second scorer, and when it is not.
    @Suite struct HedgingRuleTests {
        private static let hedging = RetryPolicy(budget: .all, hedgeAfter: Interval(milliseconds: 20))

        private func pair(slow: Duration) throws -> [StubScorer] {
            let scorers = [try StubScorer(version: "1"), try StubScorer(version: "2")]
            scorers[0].behaviour.delay = slow
            return scorers
        }

        /// The second one is asked only where nobody else is left.
        private func proxy(
            _ scorers: [StubScorer], route edit: (inout RoutingTable.Route) -> Void = { _ in }
        ) throws -> Proxy {
            let proxy = try ProxyFixture.proxy(
                over: scorers,
                route: {
                    $0.retry = Self.hedging
                    edit(&$0)
                })
            let second = proxy.backends.registrations().first { $0.backend.port == scorers[1].port }
            proxy.backends.slots.setOutlier(try #require(second).slot, true)
            return proxy
        }

        private func series(_ proxy: Proxy) throws -> ProxyMetricsSnapshot.Series {
            try #require(proxy.metrics().series.first { $0.variant == "champion" })
        }

        @Test("No second scorer sees a request unless the endpoint's file says so")
        func off() async throws {
            let plain = try HedgingPair(RetryPolicy(on: RetryPolicy.Condition.allCases, budget: .all))
            let hedged = try HedgingPair()
            let client = try ScoringClient(port: plain.proxy.boundPort)
            try client.send(request())
            try await eventually { plain.first.requestCount == 1 }
            // It has waited for longer than this one, which was sent to both.
            let other = try await hedged.hedged()
            #expect(plain.second.requestCount == 0)
            plain.first.release()
            let answer = try client.answer()
            #expect(answer.text == "one" && answer["x-turnout-attempts"] == "1")
            let series = try plain.series
            #expect(series.hedges == 0 && series.retries == 0)
            hedged.first.release()
            #expect(try other.answer().status == 200)
        }

        @Test("The retry budget bounds how many requests are sent to a second scorer; others wait for the first")
        func budget() throws {
            let scorers = try pair(slow: .milliseconds(300))
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try proxy(scorers) { $0.retry.budget = Share(buckets: 1) ?? .zero }
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            var firsts = 0
            for number in 0..<14 {
                try client.send(request("/fraud/\(number)"))
                let answer = try client.answer()
                #expect(answer.status == 200 && answer.text.contains("\"path\":\"/\(number)\""))
                if answer["x-scorer"] == "1" { firsts += 1 }
            }
            // Ten may come at once.
            #expect(firsts >= 4)
            #expect(try series(proxy).hedges == 10 && series(proxy).hedgesWon == UInt64(14 - firsts))
            #expect(scorers.map(\.requestCount) == [14, 10])
        }

        @Test("A body that comes slowly is sent to a second scorer whole, and only once it has come whole")
        func slowBody() async throws {
            let scorers = try pair(slow: .seconds(15))
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try proxy(scorers)
            defer { proxy.stop() }
            let body = String((0..<3000).flatMap { "\($0);" })
            let text = request(body: body)
            let client = try ScoringClient(port: proxy.boundPort)
            let half = text.utf8.count - body.utf8.count / 2
            try client.send(Array(text.utf8.prefix(half)))
            // Another request is sent to both meanwhile: the first one has waited for as long.
            let other = try ScoringClient(port: proxy.boundPort)
            try other.send(request("/fraud/other"))
            #expect(try other.answer()["x-scorer"] == "2")
            #expect(scorers[1].requestCount == 1)
            try client.send(Array(text.utf8.dropFirst(half)))
            #expect(try client.answer()["x-scorer"] == "2")
            try await eventually { scorers[0].received.count == 2 }
            let sent = scorers.map { $0.received.first { $0.path == "/score" } }
            #expect(sent[0]?.bodyBytes == body.utf8.count && sent[1]?.bodyBytes == body.utf8.count)
            #expect(sent[0]?.bodyHash == sent[1]?.bodyHash)
        }

        @Test("A request that is too long to be kept is with one scorer alone")
        func longBody() throws {
            let scorers = try pair(slow: .milliseconds(200))
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try proxy(scorers)
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send(request(body: String(repeating: "x", count: 200_000)))
            let answer = try client.answer()
            #expect(answer["x-scorer"] == "1" && answer["x-turnout-attempts"] == "1")
            #expect(scorers[1].requestCount == 0)
        }

        @Test("A scorer that has begun to answer is not raced")
        func begun() async throws {
            let begun = try HedgingPair()
            begun.first.script = .init(
                pieces: [Array("HTTP/1.1 200 OK\r\nContent-".utf8)], held: [Array("Length: 3\r\n\r\none".utf8)])
            let client = try ScoringClient(port: begun.proxy.boundPort)
            try client.send(request())
            try await eventually { begun.first.requestCount == 1 }
            let hedged = try HedgingPair()
            let other = try await hedged.hedged()
            #expect(begun.second.requestCount == 0)
            begun.first.release()
            let answer = try client.answer()
            #expect(answer.text == "one" && answer["x-turnout-attempts"] == "1")
            hedged.first.release()
            #expect(try other.answer().status == 200)
        }

        @Test("Nobody else is asked where every other backend is full")
        func full() async throws {
            let scorers = try pair(slow: .milliseconds(200))
            defer { for scorer in scorers { scorer.stop() } }
            scorers[1].behaviour.delay = .seconds(15)
            var routes = try [
                ProxyFixture.route(endpoint: "credit", over: [scorers[1]]),
                ProxyFixture.route(endpoint: "fraud", over: scorers),
            ]
            for index in routes.indices {
                routes[index].limits = EndpointLimits(maxConnectionsPerBackend: 1)
                routes[index].retry = Self.hedging
            }
            let proxy = try ProxyFixture.proxy(routes: routes)
            defer { proxy.stop() }
            let busy = try ScoringClient(port: proxy.boundPort)
            try busy.send(request("/credit/score"))
            try await eventually { scorers[1].requestCount == 1 }
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send(request())
            let answer = try client.answer()
            #expect(answer["x-scorer"] == "1" && answer["x-turnout-attempts"] == "1")
            #expect(scorers.map(\.requestCount) == [1, 1])
        }
    }
}
