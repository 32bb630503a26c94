import Proxy
import Resources
import Splitting
import TestSupport
import Testing

extension ServingTests {
    @Suite struct TraceTests {
        private static let trace = "0af7651916cd43dd8448eb211c80319c"
        private static let parent = "b7ad6b7169203331"
        private static let valid = "00-\(trace)-\(parent)-01"

        private static let validValues = [
            valid, "00-\(trace)-\(parent)-00", "00-\(trace)-\(parent)-ff",
            "00-00000000000000000000000000000001-0000000000000001-00",
            "00-10000000000000000000000000000000-1000000000000000-00",
            "01-\(trace)-\(parent)-01", "fe-\(trace)-\(parent)-01", "cc-\(trace)-\(parent)-01-what-comes-later",
            "01-\(trace)-\(parent)-01-",
        ]

        private static let invalidValues = [
            "", "00", "00-", trace, "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-", "00-\(trace)-\(parent)-0",
            "00-\(trace)-\(parent)-011", "\(valid)-", "\(valid)-more", "01-\(trace)-\(parent)-01.more",
            "01-\(trace)-\(parent)-0100", "ff-\(trace)-\(parent)-01", "0g-\(trace)-\(parent)-01",
            "0F-\(trace)-\(parent)-01", "00-\(trace.uppercased())-\(parent)-01",
            "00-\(trace)-\(parent.uppercased())-01",
            "00-\(trace)-\(parent)-0A", "00-00000000000000000000000000000000-\(parent)-01",
            "00-\(trace)-0000000000000000-01", "00-\(trace)\(parent)-01", "00_\(trace)-\(parent)-01",
            "00-\(trace)_\(parent)-01", "00-\(trace)-\(parent)_01", "00-\(trace.dropLast())-\(parent)-01",
            "00-\(trace)0-\(parent)-01", "00-\(trace)-\(parent)0-01", "00-\(trace.dropLast()) -\(parent)-01",
            "\(valid), \(valid)", "00-\(trace)-\(parent)-01,", "00:\(trace)-\(parent)-01",
        ]

        /// What a scorer gets for a request with these headers.
        private static func received(_ scorer: StubScorer, _ client: ScoringClient, _ headers: [String]) throws
            -> StubScorer.Received
        {
            try client.send(request(headers: headers))
            let answer = try client.answer()
            #expect(answer.status == 200)
            #expect(answer["traceparent"] == nil, "the answer has nothing of the trace")
            return try #require(scorer.received.last)
        }

        private static func withProxy(_ body: (StubScorer, ScoringClient) throws -> Void) throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            let proxy = try ProxyFixture.proxy(over: [scorer])
            defer { proxy.stop() }
            try body(scorer, try ScoringClient(port: proxy.boundPort))
        }

        @Test("A valid traceparent goes on as it came, with its tracestate")
        func passedOn() throws {
            try Self.withProxy { scorer, client in
                for value in Self.validValues {
                    let states = ["tracestate: rojo=00f067aa0ba902b7", "TraceState: congo=t61rcWkgMzE"]
                    let received = try Self.received(scorer, client, ["TraceParent:  \(value) "] + states)
                    #expect(received.headers.contains("TraceParent:  \(value) "), "\(value)")
                    #expect(received.values("traceparent").count == 1, "\(value)")
                    #expect(received.headers.filter { $0.lowercased().hasPrefix("tracestate") } == states, "\(value)")
                    #expect(received.values("x-request-id") != [Self.trace], "an id of its own")
                }
            }
        }

        @Test(
            "Without a traceparent, or with one that is not valid, the scorer gets one that Turnout made, and no tracestate"
        )
        func made() throws {
            try Self.withProxy { scorer, client in
                var traces: Set<String> = []
                for value in Self.invalidValues.map(Optional.some) + [nil] {
                    let lines = value.map { ["traceparent: \($0)"] } ?? []
                    let received = try Self.received(scorer, client, lines + ["tracestate: rojo=1", "x-other: kept"])
                    #expect(received.values("traceparent").count == 1)
                    let made = try #require(
                        received.values("traceparent").first.flatMap(TraceParent.init), "\(value ?? "none")")
                    #expect(made.flags == "00" && made.traceID != Self.trace)
                    #expect(received.values("tracestate").isEmpty)
                    #expect(received.values("x-other") == ["kept"])
                    #expect(received.values("x-request-id") == [made.traceID], "one number for both")
                    traces.insert(made.traceID)
                }
                #expect(traces.count == Self.invalidValues.count + 1, "no two requests share a trace")
            }
        }

        @Test(
            "Of several traceparents none is passed on, equal or not; a trace that Connection names ends here"
        )
        func several() throws {
            try Self.withProxy { scorer, client in
                let other = "00-\(Self.trace)-00000000000000ff-01"
                for second in [Self.valid, other, "nonsense"] {
                    let received = try Self.received(
                        scorer, client, ["traceparent: \(Self.valid)", "Traceparent: \(second)", "tracestate: a=b"])
                    let made = received.values("traceparent").compactMap(TraceParent.init)
                    #expect(made.count == 1 && made.first?.traceID != Self.trace)
                    #expect(received.values("tracestate").isEmpty)
                }
                let received = try Self.received(
                    scorer, client,
                    ["Connection: traceparent", "traceparent: \(Self.valid)", "tracestate: a=b"])
                let made = received.values("traceparent").compactMap(TraceParent.init)
                #expect(made.count == 1 && made.first?.traceID != Self.trace)
                #expect(received.values("tracestate").isEmpty)
            }
        }

        @Test("An id that the client gave the request is kept beside a trace that Turnout made")
        func requestID() throws {
            try Self.withProxy { scorer, client in
                let received = try Self.received(scorer, client, ["x-request-id: mine"])
                #expect(received.values("x-request-id") == ["mine"])
                #expect(received.values("traceparent").compactMap(TraceParent.init).count == 1)
            }
        }

        @Test("A request that is sent to a second scorer carries the same trace", arguments: [true, false])
        func retried(isMade: Bool) throws {
            let scorers = try (0..<2).map { _ in try StubScorer(version: "1") }
            defer { for scorer in scorers { scorer.stop() } }
            scorers[0].behaviour.status = 503
            let busy = try #require(RetryPolicy.Condition(rawValue: "503"))
            let proxy = try ProxyFixture.proxy(
                over: scorers, route: { $0.retry = RetryPolicy(on: [busy], budget: .all) })
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            while scorers[0].requestCount == 0 {
                try client.send(request(headers: isMade ? [] : ["traceparent: \(Self.valid)"]))
                #expect(try client.answer().status == 200)
            }
            let first = try #require(scorers[0].received.last?.values("traceparent"))
            let second = try #require(scorers[1].received.last?.values("traceparent"))
            #expect(first == second && first.count == 1)
            #expect((first == [Self.valid]) != isMade)
        }
    }
}
