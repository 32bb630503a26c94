import Logging
import Proxy
import Resources
import Splitting
import Synchronization
import TestSupport
import Testing

extension ServingTests {
    @Suite struct ResilienceTests {
        @Test("A backend that refuses connections costs no request while another of the variant takes them")
        func connectRetry() throws {
            let scorers = [try StubScorer(version: "1"), try StubScorer(version: "1")]
            scorers[0].stop()
            defer { scorers[1].stop() }
            let proxy = try ProxyFixture.proxy(over: scorers, route: { $0.retry = RetryPolicy(budget: .all) })
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            for _ in 0..<20 {
                try client.send(request())
                #expect(try client.answer().status == 200)
            }
            let series = try #require(proxy.metrics().series.first { $0.variant == "champion" })
            #expect(series.retries > 0)
            #expect(series.retries == series.connectFailures)
            let slot = try #require(proxy.backends.registrations().first { $0.backend.port == scorers[0].port }).slot
            #expect(proxy.backends.slots.consecutiveConnectFailures(slot) == Int(series.connectFailures))
        }

        @Test("The budget bounds how many requests are sent again")
        func budget() throws {
            let scorers = [try StubScorer(version: "1"), try StubScorer(version: "1")]
            scorers[0].stop()
            defer { scorers[1].stop() }
            let proxy = try ProxyFixture.proxy(
                over: scorers, route: { $0.retry = RetryPolicy(budget: Share(buckets: 1) ?? .zero) })
            defer { proxy.stop() }
            var statuses: [Int: Int] = [:]
            for _ in 0..<60 {
                // A connection of its own for each, so that kept ones don't hide the dead backend.
                let client = try ScoringClient(port: proxy.boundPort)
                try client.send(request(headers: ["Connection: close"]))
                statuses[try client.answer().status, default: 0] += 1
            }
            #expect(statuses[502, default: 0] > 0)
            let series = try #require(proxy.metrics().series.first { $0.variant == "champion" })
            #expect(series.retries == 10)
        }

        @Test("A scorer that is killed and comes back loses no request that may be sent again")
        func killed() async throws {
            let scorers = [try StubScorer(version: "1"), try StubScorer(version: "1")]
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try ProxyFixture.proxy(
                over: scorers, route: { $0.retry = RetryPolicy(attempts: 2, on: [.connect, .reset], budget: .all) })
            defer { proxy.stop() }
            let load = Load(port: proxy.boundPort, clients: 4)
            try await eventually { load.answered > 400 }
            scorers[0].stop()
            let before = load.answered
            try await eventually { load.answered > before + 400 }
            let returned = try StubScorer(version: "1", port: scorers[0].port)
            defer { returned.stop() }
            try await eventually { returned.requestCount > 20 }
            try await load.stop()
            #expect(load.failures.isEmpty)
        }

        @Test(
            "Tables change hundreds of times under load: nothing fails, and no answer comes from a table that was not in force"
        )
        func swaps() async throws {
            let fixture = try ProxyFixture(threads: 2)
            // Generation g gives the challenger g mod 101 per cent.
            let load = Load(port: fixture.port, clients: 4) { number, answer in
                guard let generation = answer["x-turnout-generation"].flatMap(Int.init) else { return "no generation" }
                let share = generation == 1 ? 1000 : (generation % 101) * 100
                let isChallenger = Bucket.of(key: "user-\(number)", salt: "fraud") >= 10_000 - share
                let expected = isChallenger ? "2" : "1"
                return answer["x-scorer"] == expected
                    ? nil : "generation \(generation): \(answer["x-scorer"] ?? "") is wrong"
            }
            for generation in 2...400 {
                let share = generation % 101 * 100
                try fixture.proxy.install(table: fixture.table(generation: UInt64(generation), challenger: share))
                if generation % 8 == 0 {
                    try await eventually { fixture.proxy.currentGeneration == UInt64(generation) }
                }
            }
            try await eventually { fixture.proxy.currentGeneration == 400 }
            let before = load.answered
            try await eventually { load.answered > before + 100 }
            try await load.stop()
            #expect(load.failures.isEmpty)
            #expect(load.answered > 100)
            try await eventually { fixture.proxy.tablesInMemory == 1 }
            #expect(throws: TurnoutError.self) { try fixture.proxy.install(table: fixture.table(generation: 399)) }
        }

        @Test("A request in flight finishes on the table it began with, and idle connections to gone backends close")
        func inFlight() async throws {
            let fixture = try ProxyFixture()
            let other = try StubScorer(version: "3")
            defer { other.stop() }
            let idle = try fixture.client()
            try idle.send(request(user: user(in: 0..<9000)))
            #expect(try idle.answer().status == 200)
            fixture.champion.behaviour.delay = .milliseconds(200)
            let slow = try fixture.client()
            let quick = try fixture.client()
            try slow.send(request(user: user(in: 0..<9000)))
            try await eventually { fixture.champion.requestCount == 2 }
            var route = try ProxyFixture.route(
                endpoint: "fraud", arms: [ProxyFixture.arm("new", version: 3, [BucketRange(0, 10_000)], [other])])
            route.hosts = []
            try fixture.proxy.install(table: FlatTable(RoutingTable(generation: 2, routes: [route])))
            try await eventually { fixture.proxy.currentGeneration == 2 }
            try quick.send(request())
            #expect(try quick.answer()["x-turnout-version"] == "fraud/3")
            let old = try slow.answer()
            #expect(old["x-turnout-version"] == "fraud/1")
            #expect(old["x-turnout-generation"] == "1")
            try await eventually { fixture.champion.openConnections == 0 }
            try await eventually { fixture.proxy.tablesInMemory == 1 }
            #expect(fixture.proxy.backends.registrations().map(\.backend.port) == [other.port])
        }

        @Test("A change of one endpoint looks up its new backends alone, and leaves the others' connections open")
        func neighbours() async throws {
            let fixture = try ProxyFixture()
            let other = try StubScorer(version: "3")
            defer { other.stop() }
            let whole = [BucketRange(0, 10_000)]
            let credit = try ProxyFixture.route(
                endpoint: "credit", arms: [ProxyFixture.arm("only", version: 2, whole, [fixture.challenger])])
            func table(_ generation: UInt64, _ scorer: StubScorer) throws -> FlatTable {
                let fraud = try ProxyFixture.route(
                    endpoint: "fraud", arms: [ProxyFixture.arm("only", version: 1, whole, [scorer])])
                return try FlatTable(RoutingTable(generation: generation, routes: [fraud, credit]))
            }
            try fixture.proxy.install(table: table(2, fixture.champion))
            let client = try fixture.client()
            for endpoint in ["fraud", "credit"] {
                try client.send(request("/\(endpoint)/score"))
                #expect(try client.answer().status == 200)
            }
            let staged = try fixture.proxy.stage(table(3, other))
            #expect(staged.newBackends.map(\.backend.port) == [other.port])
            try fixture.proxy.install(staged)
            try await eventually { fixture.champion.openConnections == 0 }
            #expect(fixture.challenger.openConnections == 1)
            try await eventually { fixture.proxy.tablesInMemory == 1 }
            #expect(
                Set(fixture.proxy.backends.registrations().map(\.backend.port)) == [
                    other.port, fixture.challenger.port,
                ])
        }

        @Test("Draining finishes what was begun, says close, and refuses new connections")
        func drain() async throws {
            let fixture = try ProxyFixture(configure: { $0.drainIdleTimeout = .milliseconds(50) })
            for scorer in [fixture.champion, fixture.challenger] { scorer.behaviour.delay = .seconds(4) }
            let idle = try fixture.client()
            let busy = try fixture.client()
            try busy.send(request())
            try await eventually { fixture.champion.requestCount + fixture.challenger.requestCount == 1 }
            let proxy = fixture.proxy
            async let isComplete = proxy.drain(timeout: .seconds(10))
            #expect(idle.isAtEnd())
            // Every loop has heard of it before the scorer answers.
            try await eventually("new connections are refused") { (try? fixture.client()) == nil }
            let answer = try busy.answer()
            #expect(answer.status == 200)
            #expect(answer["connection"] == "close")
            #expect(busy.isAtEnd())
            // The client's own close ends what lingers.
            busy.finishSending()
            #expect(await isComplete)
            #expect(throws: ScoringClient.Failure.self) { try fixture.client() }
        }

        @Test("Counters tell what happened, and survive a swap")
        func metrics() async throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            for number in 0..<100 {
                try client.send(request(user: "user-\(number)", body: "12345"))
                _ = try client.answer()
            }
            try client.send(request("/nowhere"))
            _ = try client.answer()
            try fixture.proxy.install(table: fixture.table(generation: 2, challenger: 5000))
            try await eventually { fixture.proxy.metrics().generation == 2 }
            let metrics = fixture.proxy.metrics()
            let variants = metrics.series.filter { !$0.variant.isEmpty }
            #expect(variants.map(\.variant) == ["challenger", "champion"])
            #expect(variants.map(\.version) == ["fraud/2", "fraud/1"])
            #expect(variants.reduce(0) { $0 + $1.answers2xx } == 100)
            #expect(variants.reduce(0) { $0 + $1.requestBytes } == 500)
            #expect(variants.allSatisfy { $0.answerBytes > 0 && $0.latency.sumSeconds > 0 })
            #expect(variants.allSatisfy { $0.latency.count == $0.answers2xx })
            #expect(variants.allSatisfy { $0.latency.buckets.reduce(0) { $0 + $1.count } == $0.latency.count })
            #expect(metrics.unroutedErrors == ["endpoint_not_found": 1])
            #expect(metrics.clientConnections == 1)
            #expect(metrics.acceptedConnections == 1)
        }
    }
}

/// Clients that send without pause on their own threads until stopped.
final class Load: Sendable {
    private struct State {
        var answered = 0
        var failures: [String] = []
        var running = 0
    }

    private let state = Mutex(State())
    private let isStopping = Atomic(false)

    var answered: Int { state.withLock { $0.answered } }
    var failures: [String] { state.withLock { $0.failures } }

    /// - Parameter check: says what is wrong with the answer to a user's number.
    init(
        port: UInt16, clients: Int,
        check: @escaping @Sendable (Int, ScoringClient.Answer) -> String? = { _, _ in nil }
    ) {
        state.withLock { $0.running = clients }
        for index in 0..<clients {
            StubThread.spawn { [self] in
                do {
                    let client = try ScoringClient(port: port)
                    var number = index
                    while !isStopping.load(ordering: .relaxed) {
                        try client.send(request(user: "user-\(number)"))
                        let answer = try client.answer()
                        var fault = answer.status == 200 ? check(number, answer) : "\(answer.status): \(answer.text)"
                        if answer["connection"] == "close" { fault = "closed" }
                        state.withLock { state in
                            state.answered += 1
                            if let fault { state.failures.append(fault) }
                        }
                        number = (number + clients) % 5000
                    }
                } catch {
                    state.withLock { $0.failures.append("\(error)") }
                }
                state.withLock { $0.running -= 1 }
            }
        }
    }

    /// Waits for the clients to end.
    func stop() async throws {
        isStopping.store(true, ordering: .relaxed)
        try await eventually { state.withLock { $0.running } == 0 }
    }
}
