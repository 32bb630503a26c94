import Proxy
import Resources
import Splitting
import TestSupport
import Testing

extension ServingTests {
    @Suite struct RetryTests {
        /// Two scorers, the first of which misbehaves.
        private struct Pair {
            let bad: StubScorer
            let good: StubScorer
            let proxy: Proxy

            init(
                _ retry: RetryPolicy, timeout: Interval = .seconds(20),
                bad misbehave: (inout StubScorer.Behaviour) -> Void
            )
                throws
            {
                bad = try StubScorer(version: "1")
                good = try StubScorer(version: "1")
                misbehave(&bad.behaviour)
                proxy = try ProxyFixture.proxy(
                    over: [bad, good],
                    route: {
                        $0.retry = retry
                        $0.timeout = timeout
                    })
            }

            /// Sends requests until the bad scorer was asked first.
            func answer(method: String = "POST") throws -> (answer: ScoringClient.Answer, path: String) {
                var number = 0
                while true {
                    let client = try ScoringClient(port: proxy.boundPort)
                    let before = bad.requestCount
                    try client.send(request("/fraud/\(number)", method: method, body: method == "GET" ? nil : "{}"))
                    let answer = try client.answer()
                    if bad.requestCount > before { return (answer, "/\(number)") }
                    number += 1
                }
            }

            func timesSeen(_ path: String) -> Int { (bad.received + good.received).count { $0.path == path } }

            func stop() {
                proxy.stop()
                bad.stop()
                good.stop()
            }
        }

        @Test("A POST that a scorer may have read is sent to no other one, unless the endpoint's file says so")
        func reset() throws {
            let forbidden = try Pair(RetryPolicy(budget: .all)) { $0.diesBeforeAnswer = true }
            defer { forbidden.stop() }
            let refused = try forbidden.answer()
            #expect(refused.answer.status == 502 && refused.answer.code == "backend_closed")
            #expect(refused.answer["x-turnout-attempts"] == "1")
            #expect(forbidden.timesSeen(refused.path) == 1)

            let allowed = try Pair(RetryPolicy(on: [.connect, .reset], budget: .all)) { $0.diesBeforeAnswer = true }
            defer { allowed.stop() }
            let served = try allowed.answer()
            #expect(served.answer.status == 200)
            #expect(served.answer["x-turnout-attempts"] == "2")
            #expect(allowed.timesSeen(served.path) == 2)
        }

        @Test(
            "502, 503 and 504 are replaced by another scorer's answer where the file names them",
            arguments: [502, 503, 504])
        func status(_ status: Int) throws {
            let named = try #require(RetryPolicy.Condition(rawValue: "\(status)"))
            let others = RetryPolicy.Condition.allCases.filter { $0 != named }
            for (conditions, expected) in [([named], 200), (others, status)] {
                let pair = try Pair(RetryPolicy(on: conditions, budget: .all)) { $0.status = status }
                defer { pair.stop() }
                #expect(try pair.answer().answer.status == expected)
            }
        }

        @Test("A request is sent again whole, in however many pieces it came", arguments: [10, 700, 3000, 20_000])
        func pieces(count: Int) throws {
            let pair = try Pair(RetryPolicy(on: [.connect, .reset], budget: .all)) { $0.diesBeforeAnswer = true }
            defer { pair.stop() }
            let piece = String(repeating: "p", count: count)
            for number in 0..<6 {
                let client = try ScoringClient(port: pair.proxy.boundPort)
                try client.send(request("/fraud/\(number)", headers: ["Content-Length: \(3 * count)"], body: nil))
                for _ in 0..<3 { try client.send(piece) }
                let answer = try client.answer()
                #expect(answer.status == 200 && answer.text.contains("\"bodyBytes\":\(3 * count)"))
            }
            #expect(pair.bad.requestCount > 0)
        }

        @Test("Nothing is sent again once a byte of an answer has come")
        func begun() throws {
            let beginnings = ["H", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 103 Early Hints\r\n\r\n"]
            for beginning in beginnings {
                let pair = try Pair(
                    RetryPolicy(
                        on: RetryPolicy.Condition.allCases, budget: .all, perTryTimeout: Interval(milliseconds: 60_000))
                ) { $0.rawAnswer = Array(beginning.utf8) }
                defer { pair.stop() }
                let (answer, path) = try pair.answer()
                #expect(answer.status == 502 || answer.status == 103)
                #expect(pair.timesSeen(path) == 1)
            }
        }

        @Test("A scorer that is slow is given up for another one after the time for each try")
        func perTry() throws {
            let pair = try Pair(
                RetryPolicy(budget: .all, perTryTimeout: Interval(milliseconds: 400))
            ) { $0.delay = .seconds(15) }
            defer { pair.stop() }
            let (answer, path) = try pair.answer()
            #expect(answer.status == 200)
            #expect(answer["x-turnout-attempts"] == "2")
            #expect(pair.timesSeen(path) == 2)
            let series = try #require(pair.proxy.metrics().series.first { $0.variant == "champion" })
            #expect(series.retries >= 1)
        }

        @Test("Where nobody else can be asked, a slow scorer's answer is waited for")
        func perTryAlone() throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            scorer.behaviour.delay = .milliseconds(300)
            let proxy = try ProxyFixture.proxy(
                over: [scorer], route: { $0.retry.perTryTimeout = Interval(milliseconds: 20) })
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send(request())
            let answer = try client.answer()
            #expect(answer.status == 200)
            #expect(answer["x-turnout-attempts"] == "1")
            #expect(scorer.requestCount == 1)
        }

        @Test("A scorer whose time for a try is over gets the request only once where nobody else may be asked")
        func perTryWithoutBudget() throws {
            let scorers = [try StubScorer(version: "1"), try StubScorer(version: "1")]
            defer { for scorer in scorers { scorer.stop() } }
            for scorer in scorers { scorer.behaviour.delay = .milliseconds(100) }
            let proxy = try ProxyFixture.proxy(
                over: scorers,
                route: { $0.retry = RetryPolicy(budget: .zero, perTryTimeout: Interval(milliseconds: 20)) })
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            for number in 1...6 {
                try client.send(request("/fraud/\(number)"))
                let answer = try client.answer()
                #expect(answer.status == 200)
                #expect(answer.text.contains("\"path\":\"/\(number)\""))
                #expect(scorers.map(\.requestCount).reduce(0, +) == number)
            }
        }

        @Test("An answer that asks for a retry is passed on whole, and its connection kept, where no retry is left")
        func statusWithoutBudget() throws {
            let scorers = [try StubScorer(version: "1"), try StubScorer(version: "1")]
            defer { for scorer in scorers { scorer.stop() } }
            for scorer in scorers { scorer.behaviour.status = 503 }
            let proxy = try ProxyFixture.proxy(
                over: scorers, route: { $0.retry = RetryPolicy(on: [.unavailable], budget: .zero) })
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            for number in 1...20 {
                try client.send(request("/fraud/\(number)"))
                #expect(try client.answer().status == 503)
            }
            #expect(scorers.map(\.requestCount).reduce(0, +) == 20)
            #expect(scorers.allSatisfy { $0.connectionCount <= 1 })
        }

        @Test("A kept connection that the scorer closed meanwhile is replaced without the client noticing")
        func staleConnection() throws {
            let fixture = try ProxyFixture(route: { $0.retry = RetryPolicy(attempts: 0) })
            let client = try fixture.client()
            for number in 0..<100 {
                // In order, before the request is sent: the scorer can't have read it.
                for scorer in [fixture.champion, fixture.challenger] { scorer.closeConnections() }
                try client.send(request("/fraud/\(number)", user: "user-\(number)"))
                let answer = try client.answer()
                #expect(answer.status == 200)
                #expect(answer.text.contains("\"path\":\"/\(number)\""))
            }
        }

        @Test("A kept connection that is reset under a request is replaced where the scorer may see the request twice")
        func keptConnectionReset() throws {
            let cases: [(RetryPolicy.Condition, String, Int)] = [
                (.connect, "GET", 2), (.connect, "POST", 1), (.reset, "POST", 2),
            ]
            for (condition, method, times) in cases {
                let scorer = try StubScorer(version: "1")
                defer { scorer.stop() }
                let proxy = try ProxyFixture.proxy(
                    over: [scorer], route: { $0.retry = RetryPolicy(attempts: 0, on: [condition]) })
                defer { proxy.stop() }
                let client = try ScoringClient(port: proxy.boundPort)
                try client.send(request("/fraud/first"))
                #expect(try client.answer().status == 200)
                scorer.behaviour.diesBeforeAnswer = true
                try client.send(request("/fraud/second", method: method, body: method == "GET" ? nil : "{}"))
                let answer = try client.answer()
                #expect(answer.code == "backend_closed")
                #expect(answer["x-turnout-attempts"] == "\(times)")
                #expect(scorer.received.count { $0.path == "/second" } == times)
            }
        }

        @Test("A scorer that closes its connections without a word costs no request that it may see twice")
        func silentClose() throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            // It races the next request each time.
            scorer.behaviour.closesSilently = true
            let careful = try ProxyFixture.proxy(over: [scorer], route: { $0.retry = RetryPolicy(attempts: 0) })
            defer { careful.stop() }
            let client = try ScoringClient(port: careful.boundPort)
            for number in 0..<200 {
                try client.send(request("/fraud/get/\(number)", method: "GET", body: nil))
                let answer = try client.answer()
                #expect(answer.status == 200, "\(answer)")
            }
            for number in 0..<200 {
                try client.send(request("/fraud/post/\(number)"))
                let answer = try client.answer()
                #expect(answer.status == 200 || answer.code == "backend_closed")
                #expect(scorer.received.count { $0.path == "/post/\(number)" } == (answer.status == 200 ? 1 : 0))
            }
            let bold = try ProxyFixture.proxy(
                over: [scorer], route: { $0.retry = RetryPolicy(attempts: 0, on: [.connect, .reset]) })
            defer { bold.stop() }
            let other = try ScoringClient(port: bold.boundPort)
            for number in 0..<200 {
                try other.send(request("/fraud/bold/\(number)"))
                let answer = try other.answer()
                #expect(answer.status == 200, "\(answer)")
            }
        }
    }

    @Suite struct DeadlineTests {
        private func milliseconds(_ received: StubScorer.Received?) -> [Int] {
            (received?.values("x-request-timeout-ms") ?? []).compactMap { Int($0.filter { $0 != " " }) }
        }

        @Test("A scorer is told how long the client waits: the endpoint's timeout, or less if the client says so")
        func handedOn() throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            let proxy = try ProxyFixture.proxy(over: [scorer])
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            let cases: [([String], ClosedRange<Int>)] = [
                ([], 10_000...20_000), (["X-Request-Timeout-Ms: 9000"], 5000...9000),
                (["x-request-timeout-ms: 60000"], 10_000...20_000), (["x-request-timeout-ms: soon"], 10_000...20_000),
                (["x-request-timeout-ms: -1"], 10_000...20_000),
                (["x-request-timeout-ms: 999999999999999999"], 10_000...20_000),
                (["x-request-timeout-ms: 9000", "x-request-timeout-ms: 4000"], 1000...4000),
            ]
            for (headers, expected) in cases {
                try client.send(request(headers: headers))
                #expect(try client.answer().status == 200)
                let told = milliseconds(scorer.received.last)
                #expect(told.count == 1 && expected.contains(told[0]), "\(headers): \(told)")
            }
        }

        @Test("A client's deadline that passes is a 504 of its own, and no fault of the scorer's")
        func exceeded() throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            scorer.behaviour.delay = .seconds(15)
            let proxy = try ProxyFixture.proxy(over: [scorer])
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send(request(headers: ["x-request-timeout-ms: 60"]))
            let late = try client.answer()
            #expect(late.status == 504 && late.code == "deadline_exceeded")
            #expect(scorer.requestCount == 1)
            try client.send(request(headers: ["x-request-timeout-ms: 0"]))
            let never = try client.answer()
            #expect(never.status == 504 && never.code == "deadline_exceeded")
            #expect(never["x-turnout-attempts"] == "0")
            #expect(scorer.requestCount == 1)
            let slot = try #require(proxy.backends.registrations().first).slot
            #expect(proxy.backends.slots.failures(slot).requests == 0)
        }

        @Test("A request that is sent again has less time left")
        func renewed() throws {
            let scorers = [try StubScorer(version: "1"), try StubScorer(version: "1")]
            defer { for scorer in scorers { scorer.stop() } }
            for scorer in scorers {
                scorer.behaviour.delay = .milliseconds(200)
                scorer.behaviour.status = 503
            }
            let proxy = try ProxyFixture.proxy(
                over: scorers, route: { $0.retry = RetryPolicy(on: [.unavailable], budget: .all) })
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send(request())
            #expect(try client.answer()["x-turnout-attempts"] == "2")
            let told = scorers.flatMap { milliseconds($0.received.first) }.sorted()
            #expect(told.count == 2)
            #expect(told[1] - told[0] >= 190)
        }
    }
}
