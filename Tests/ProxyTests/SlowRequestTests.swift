import Proxy
import Resources
import Splitting
import TestSupport
import Testing

extension ServingTests {
    @Suite struct SlowRequestTests {
        @Test("A slow request is remembered with its trace, its backend and how long it took")
        func remembered() async throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            scorer.behaviour.delay = .milliseconds(60)
            let proxy = try ProxyFixture.proxy(over: [scorer], configure: { $0.slowRequest = .milliseconds(50) })
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send(request(headers: ["x-request-id: mine"], body: "12345"))
            #expect(try client.answer().status == 200)
            try await eventually("it is remembered") { !proxy.slowRequests().isEmpty }
            let slow = try #require(proxy.slowRequests().first)
            #expect(proxy.slowRequests().count == 1)
            #expect(slow.endpoint == "fraud" && slow.variant == "champion" && slow.version == "fraud/1")
            #expect(slow.reason == "split" && slow.method == "POST" && slow.status == 200 && slow.error == nil)
            #expect(slow.backend == Backend(host: "127.0.0.1", port: scorer.port).description)
            #expect(slow.duration >= .milliseconds(50) && slow.attempts == 1)
            #expect(slow.requestBytes == 5 && slow.answerBytes > 0)
            #expect(slow.requestID == "mine")
            let trace = scorer.received.last?.values("traceparent").first.flatMap(TraceParent.init)
            #expect(slow.traceID == trace?.traceID)
            let series = try #require(proxy.metrics().series.first { $0.variant == "champion" })
            #expect(series.slowRequests == 1)
        }

        @Test("Requests that are not slow are not remembered, nor counted as such") func fast() throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            let proxy = try ProxyFixture.proxy(over: [scorer], configure: { $0.slowRequest = .seconds(3600) })
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            for status in [200, 404, 503] {
                scorer.behaviour.status = status
                try client.send(request())
                #expect(try client.answer().status == status)
            }
            // The next answer is there only when the one before is done with.
            #expect(proxy.slowRequests().isEmpty)
            #expect(proxy.metrics().series.allSatisfy { $0.slowRequests == 0 })
        }

        @Test("Only the newest are remembered, of requests that their clients did not name under the trace's number")
        func bounded() async throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            let proxy = try ProxyFixture.proxy(
                over: [scorer],
                configure: {
                    $0.slowRequest = .zero
                    $0.slowRequestsKept = 4
                })
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            var traces: [String] = []
            for _ in 0..<11 {
                try client.send(request())
                let answer = try client.answer()
                traces.append(try #require(answer["x-request-id"]))
            }
            try await eventually("the last one is remembered") { proxy.slowRequests().first?.traceID == traces.last }
            #expect(proxy.slowRequests().map(\.traceID) == traces.suffix(4).reversed())
            #expect(proxy.slowRequests().allSatisfy { $0.requestID == $0.traceID })
        }

        @Test(
            "What keeps a request from a whole answer is remembered too: its client left, nobody answered, it was cut")
        func unanswered() async throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            let proxy = try ProxyFixture.proxy(
                over: [scorer], configure: { $0.slowRequest = .zero }, route: { $0.retry = RetryPolicy(attempts: 0) })
            defer { proxy.stop() }
            func newest(_ error: String) async throws -> FinishedRequest {
                try await eventually("\(error) is remembered") { proxy.slowRequests().first?.error == error }
                return try #require(proxy.slowRequests().first)
            }
            scorer.behaviour.delay = .seconds(10)
            var leaving: ScoringClient? = try ScoringClient(port: proxy.boundPort)
            try leaving?.send(request())
            try await eventually("it is with the scorer") { scorer.requestCount == 1 }
            leaving?.resetOnClose()
            leaving = nil
            let left = try await newest("client_closed")
            #expect(left.status == nil && left.backend != nil && left.attempts == 1)

            scorer.behaviour = .init()
            scorer.behaviour.diesInAnswer = true
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send(request())
            #expect(client.isReset())
            #expect(try await newest("backend_closed").status == 200)

            scorer.stop()
            let other = try ScoringClient(port: proxy.boundPort)
            try other.send(request())
            #expect(try other.answer().status == 502)
            #expect(try await newest("connect_failed").status == 502)

            try other.send("nonsense\r\n\r\n")
            #expect(try other.answer().status == 400)
            let bad = try await newest("bad_request")
            #expect(bad.endpoint == nil && bad.backend == nil && bad.method == nil && bad.variant == nil)
        }

        @Test("What a proxy had not answered when it ended is remembered as such") func stopped() async throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            scorer.behaviour.delay = .seconds(10)
            let proxy = try ProxyFixture.proxy(over: [scorer], configure: { $0.slowRequest = .zero })
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send(request())
            try await eventually("it is with the scorer") { scorer.requestCount == 1 }
            proxy.stop()
            let stopped = try #require(proxy.slowRequests().first)
            #expect(stopped.error == "stopped" && stopped.status == nil && stopped.endpoint == "fraud")
            #expect(client.isAtEnd() && proxy.slowRequests().count == 1)
        }

        @Test("A request is remembered under the names that it had, whatever became of its endpoint")
        func renamed() throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            let proxy = try ProxyFixture.proxy(over: [scorer], configure: { $0.slowRequest = .zero })
            defer { proxy.stop() }
            for number in 2...20 {
                let endpoint = number % 2 == 0 ? "fraud" : "other"
                let client = try ScoringClient(port: proxy.boundPort)
                try client.send(request("/\(endpoint == "fraud" ? "fraud" : "other")/x"))
                #expect(try client.answer().status == 200)
                let next = try ProxyFixture.route(endpoint: endpoint == "fraud" ? "other" : "fraud", over: [scorer])
                try proxy.install(table: FlatTable(RoutingTable(generation: UInt64(number), routes: [next])))
                proxy.waitUntilServed(generation: UInt64(number), timeout: .seconds(20))
            }
            let endpoints = proxy.slowRequests().map(\.endpoint)
            #expect(endpoints == (2...20).reversed().map { $0 % 2 == 0 ? "fraud" : "other" })
        }
    }
}
