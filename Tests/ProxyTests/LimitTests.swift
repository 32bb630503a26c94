import Resources
import Splitting
import TestSupport
import Testing

@testable import Proxy

extension ServingTests {
    @Suite struct LimitTests {
        /// Two endpoints of one proxy: `fraud`, whose scorers may misbehave, and `credit`.
        private final class Neighbours {
            let bad: [StubScorer]
            let good: StubScorer
            let proxy: Proxy

            init(
                scorers: Int = 1, limits: EndpointLimits?, threads: Int = 1, connections: Int = 200,
                route edit: (inout RoutingTable.Route) -> Void = { _ in }
            ) throws {
                bad = try (0..<scorers).map { _ in try StubScorer(version: "1") }
                good = try StubScorer(version: "2")
                var fraud = try ProxyFixture.route(endpoint: "fraud", over: bad)
                fraud.limits = limits
                fraud.retry.attempts = 0
                edit(&fraud)
                proxy = try ProxyFixture.proxy(
                    routes: [fraud, ProxyFixture.route(endpoint: "credit", over: [good])],
                    configure: {
                        $0.threads = threads
                        $0.maximumConnections = connections
                    })
            }

            deinit {
                proxy.stop()
                for scorer in bad + [good] { scorer.stop() }
            }

            func hang() { for scorer in bad { scorer.behaviour.delay = .seconds(15) } }
            var asked: Int { bad.map(\.requestCount).reduce(0, +) }

            /// Clients whose requests have been sent, and are not answered yet.
            func send(_ count: Int) throws -> [ScoringClient] {
                try (0..<count).map { _ in
                    let client = try ScoringClient(port: proxy.boundPort)
                    try client.send(request())
                    return client
                }
            }

            func ask(_ endpoint: String, _ times: Int) throws -> [ScoringClient.Answer] {
                let client = try ScoringClient(port: proxy.boundPort)
                return try (0..<times).map { _ in
                    try client.send(request("/\(endpoint)/score"))
                    return try client.answer()
                }
            }

            var inFlight: UInt64 {
                proxy.metrics().series.filter { $0.endpoint == "fraud" }.map(\.inFlight).reduce(0, +)
            }
        }

        @Test(
            "A scorer that hangs holds as many requests as its endpoint may have; the rest are told at once, and another endpoint is unharmed"
        )
        func hanging() async throws {
            let neighbours = try Neighbours(limits: EndpointLimits(maxConcurrency: 4))
            neighbours.hang()
            var held = try neighbours.send(4)
            try await eventually { neighbours.asked == 4 }
            for answer in try neighbours.ask("fraud", 20) {
                #expect(answer.status == 503 && answer.code == "concurrency_limit")
                #expect(answer["retry-after"] == "1")
                #expect(answer["x-turnout-attempts"] == "0")
                #expect(answer["connection"] == nil)
            }
            #expect(try neighbours.ask("credit", 20).allSatisfy { $0.status == 200 })
            #expect(neighbours.asked == 4)
            #expect(neighbours.inFlight == 4)
            let series = neighbours.proxy.metrics().series.filter { $0.endpoint == "fraud" }
            #expect(series.compactMap { $0.turnoutErrors["concurrency_limit"] } == [20])

            // Clients that leave make room.
            for client in held { client.resetOnClose() }
            held = []
            try await eventually("the places are free") { neighbours.inFlight == 0 }
            neighbours.bad[0].behaviour.delay = .zero
            #expect(try neighbours.ask("fraud", 3).allSatisfy { $0.status == 200 })
        }

        @Test("The limit is exact, however the connections fall to the threads")
        func threads() async throws {
            let neighbours = try Neighbours(limits: EndpointLimits(maxConcurrency: 3), threads: 4)
            neighbours.hang()
            let clients = try neighbours.send(12)
            try await eventually {
                neighbours.proxy.metrics().series.contains { $0.turnoutErrors["concurrency_limit"] == 9 }
            }
            try await eventually { neighbours.asked == 3 }
            #expect(neighbours.inFlight == 3)
            #expect(clients.count == 12)
        }

        @Test("Without a limit of its own an endpoint may have half of the proxy's connections")
        func byDefault() async throws {
            let neighbours = try Neighbours(limits: nil, connections: 12)
            neighbours.hang()
            let held = try neighbours.send(6)
            try await eventually { neighbours.asked == 6 }
            #expect(try neighbours.ask("fraud", 1).map(\.code) == ["concurrency_limit"])
            #expect(try neighbours.ask("credit", 1).map(\.status) == [200])
            #expect(held.count == 6)
        }

        @Test(
            "A backend gets no more connections than its endpoint allows: others are asked, and when all are full nobody waits"
        )
        func connections() async throws {
            let neighbours = try Neighbours(
                scorers: 2, limits: EndpointLimits(maxConnectionsPerBackend: 2), threads: 2)
            neighbours.hang()
            var held = try neighbours.send(4)
            try await eventually { neighbours.asked == 4 }
            #expect(neighbours.bad.map(\.requestCount) == [2, 2])
            for answer in try neighbours.ask("fraud", 10) {
                #expect(answer.status == 503 && answer.code == "backends_busy")
                #expect(answer["retry-after"] == "1")
            }
            #expect(neighbours.asked == 4)
            for client in held { client.resetOnClose() }
            held = []
            try await eventually("the places are free") {
                neighbours.proxy.backends.registrations().allSatisfy {
                    neighbours.proxy.backends.slots.places($0.slot) == 0
                }
            }
            for scorer in neighbours.bad { scorer.behaviour.delay = .zero }
            #expect(try neighbours.ask("fraud", 10).allSatisfy { $0.status == 200 })
            #expect(held.isEmpty)
        }

        @Test("A flood of connections is turned away at once, harms no one who was there, and leaves nothing behind")
        func flood() async throws {
            let neighbours = try Neighbours(limits: nil, connections: 50)
            let present = try ScoringClient(port: neighbours.proxy.boundPort)
            try present.send(request())
            #expect(try present.answer().status == 200)
            for _ in 0..<5 {
                var crowd = try (0..<300).map { _ in try ScoringClient(port: neighbours.proxy.boundPort) }
                // Those that came too late are told, whether they have said anything or not.
                let last = try #require(crowd.last)
                #expect(try last.answer().code == "overloaded")
                #expect(last.isAtEnd())
                try present.send(request())
                #expect(try present.answer().status == 200)
                crowd = []
                try await eventually("the crowd is gone") { neighbours.proxy.metrics().clientConnections == 1 }
            }
            #expect(neighbours.proxy.metrics().refusedConnections == 5 * 251)
            #expect(try neighbours.ask("credit", 3).allSatisfy { $0.status == 200 })
        }

        @Test(
            "Whatever a scorer does, another endpoint is unharmed, and nothing is held when it is over",
            arguments: ["dead", "resets", "dies in its answer", "garbage", "too slow", "500"])
        func misbehaving(_ way: String) async throws {
            let neighbours = try Neighbours(
                scorers: 2, limits: EndpointLimits(maxConcurrency: 8, maxConnectionsPerBackend: 8)
            ) {
                $0.retry = RetryPolicy(attempts: 1, on: RetryPolicy.Condition.allCases, budget: .all)
                $0.timeout = Interval(milliseconds: way == "too slow" ? 50 : 20_000)
            }
            for scorer in neighbours.bad {
                switch way {
                case "dead": scorer.stop()
                case "resets": scorer.behaviour.diesBeforeAnswer = true
                case "dies in its answer": scorer.behaviour.diesInAnswer = true
                case "garbage": scorer.behaviour.rawAnswer = Array("SSH-2.0-OpenSSH\r\n".utf8)
                case "too slow": scorer.behaviour.delay = .milliseconds(400)
                default: scorer.behaviour.status = 500
                }
            }
            for _ in 0..<12 {
                let client = try ScoringClient(port: neighbours.proxy.boundPort)
                try client.send(request())
                let status = try? client.answer().status
                #expect(status == nil || (500...504).contains(status ?? 0))
                #expect(try neighbours.ask("credit", 2).map(\.status) == [200, 200])
            }
            try await eventually("nothing is held") {
                let metrics = neighbours.proxy.metrics()
                return neighbours.inFlight == 0 && metrics.backendConnections == metrics.idleBackendConnections
            }
            let slots = neighbours.proxy.backends.slots
            #expect(neighbours.proxy.backends.registrations().allSatisfy { slots.places($0.slot) == 0 })
            #expect(neighbours.proxy.metrics().refusedConnections == 0)
        }
    }
}
