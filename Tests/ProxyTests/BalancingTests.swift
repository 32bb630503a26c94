import Logging
import Resources
import Splitting
import TestSupport
import Testing

@testable import Proxy

extension ServingTests {
    @Suite struct BalancingTests {
        /// Sends one request after the other, and says what statuses came.
        private func ask(_ proxy: Proxy, _ times: Int) throws -> [Int: Int] {
            let client = try ScoringClient(port: proxy.boundPort)
            var statuses: [Int: Int] = [:]
            for _ in 0..<times {
                try client.send(request())
                statuses[try client.answer().status, default: 0] += 1
            }
            return statuses
        }

        private func scorers(_ count: Int) throws -> [StubScorer] {
            try (0..<count).map { _ in try StubScorer(version: "1") }
        }

        private func slot(_ proxy: Proxy, _ scorer: StubScorer) throws -> Int {
            try #require(proxy.backends.registrations().first { $0.backend.port == scorer.port }).slot
        }

        private func monitor(_ proxy: Proxy, _ rules: OutlierRules) throws -> BackendMonitor {
            let monitor = try BackendMonitor(
                directory: proxy.backends, outlierRules: rules,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
            try monitor.start()
            return monitor
        }

        @Test("A scorer that is busy gets no request while another of the variant is idle")
        func busy() async throws {
            let scorers = try scorers(2)
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try ProxyFixture.proxy(over: scorers)
            defer { proxy.stop() }
            for scorer in scorers { scorer.behaviour.delay = .seconds(15) }
            let waiting = try ScoringClient(port: proxy.boundPort)
            try waiting.send(request())
            try await eventually { scorers.map(\.requestCount).reduce(0, +) == 1 }
            let (busy, idle) = scorers[0].requestCount == 1 ? (scorers[0], scorers[1]) : (scorers[1], scorers[0])
            idle.behaviour.delay = .zero
            #expect(try ask(proxy, 40) == [200: 40])
            #expect(busy.requestCount == 1)
            #expect(idle.requestCount == 40)
        }

        @Test("Requests that come one at a time are dealt evenly")
        func even() throws {
            let scorers = try scorers(4)
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try ProxyFixture.proxy(over: scorers)
            defer { proxy.stop() }
            #expect(try ask(proxy, 800) == [200: 800])
            // Each has 200 in the mean, with a deviation of 12.
            for scorer in scorers { #expect((120...280).contains(scorer.requestCount)) }
        }

        @Test("A scorer that comes back gets few requests at first, and its part once it has been there for a while")
        func slowStart() throws {
            let scorers = try scorers(2)
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try ProxyFixture.proxy(over: scorers, configure: { $0.slowStart = .seconds(60) })
            defer { proxy.stop() }
            for scorer in scorers { proxy.backends.slots.setHealthy(try slot(proxy, scorer), false) }
            proxy.backends.slots.setHealthy(try slot(proxy, scorers[0]), true, since: 1)
            proxy.backends.slots.setHealthy(try slot(proxy, scorers[1]), true)
            #expect(try ask(proxy, 400) == [200: 400])
            // A twentieth at first, growing to a half in a minute.
            #expect((1...130).contains(scorers[1].requestCount))
            proxy.backends.slots.setHealthy(try slot(proxy, scorers[1]), false)
            proxy.backends.slots.setHealthy(try slot(proxy, scorers[1]), true, since: 1)
            let before = scorers[1].requestCount
            #expect(try ask(proxy, 400) == [200: 400])
            #expect((140...260).contains(scorers[1].requestCount - before))
        }

        @Test("Where all are new, nobody has to wait")
        func allNew() throws {
            let scorers = try scorers(2)
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try ProxyFixture.proxy(over: scorers, configure: { $0.slowStart = .seconds(3600) })
            defer { proxy.stop() }
            #expect(try ask(proxy, 200) == [200: 200])
            for scorer in scorers { #expect(scorer.requestCount > 50) }
        }

        @Test("A scorer whose requests fail is left out for a while, then gets some again, and the status says so")
        func outlier() async throws {
            let scorers = try scorers(3)
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try ProxyFixture.proxy(over: scorers)
            defer { proxy.stop() }
            var rules = OutlierRules()
            rules.firstTime = .milliseconds(300)
            let monitor = try monitor(proxy, rules)
            defer { monitor.stop() }
            scorers[0].behaviour.status = 500
            let load = Load(port: proxy.boundPort, clients: 1)
            try await eventually("it is an outlier") {
                monitor.snapshot().contains {
                    $0.isOutlier && $0.checked.backend.port == scorers[0].port && $0.lastError != nil
                }
            }
            scorers[0].behaviour.status = 200
            let failed = scorers[0].requestCount
            try await eventually("it gets requests again") { scorers[0].requestCount > failed + 5 }
            try await load.stop()
            #expect(load.failures.count < failed + 10)
            let status = try #require(monitor.snapshot().first { $0.checked.backend.port == scorers[0].port })
            #expect(status.isHealthy && status.ejections >= 1)
            #expect(
                monitor.snapshot().filter { $0.checked.backend.port != scorers[0].port }.allSatisfy {
                    $0.ejections == 0
                })
        }

        @Test("No more than half of a variant's backends are left out, and never the last one")
        func mostFail() throws {
            let scorers = try scorers(3)
            defer { for scorer in scorers { scorer.stop() } }
            let proxy = try ProxyFixture.proxy(over: scorers)
            defer { proxy.stop() }
            let slots = proxy.backends.slots
            slots.setOutlier(try slot(proxy, scorers[0]), true)
            #expect(try ask(proxy, 60) == [200: 60])
            #expect(scorers[0].requestCount == 0)
            slots.setOutlier(try slot(proxy, scorers[1]), true)
            #expect(try ask(proxy, 90) == [200: 90])
            #expect(scorers.allSatisfy { $0.requestCount > 10 })
            slots.setHealthy(try slot(proxy, scorers[1]), false)
            slots.setHealthy(try slot(proxy, scorers[2]), false)
            let before = scorers[0].requestCount
            #expect(try ask(proxy, 10) == [200: 10])
            #expect(scorers[0].requestCount == before + 10)
        }

        @Test(
            "5xx, garbage, a reset, an answer that breaks off and one that does not come in time all count against a scorer",
            arguments: ["5xx", "garbage", "reset", "broken off", "late"])
        func failures(_ way: String) async throws {
            let scorer = try StubScorer(version: "1")
            defer { scorer.stop() }
            let proxy = try ProxyFixture.proxy(
                over: [scorer],
                route: {
                    $0.retry.attempts = 0
                    $0.timeout = Interval(milliseconds: way == "late" ? 60 : 20_000)
                })
            defer { proxy.stop() }
            let slot = try slot(proxy, scorer)
            func fail() throws {
                let client = try ScoringClient(port: proxy.boundPort)
                try client.send(request())
                _ = try? client.answer()
            }
            switch way {
            case "5xx": scorer.behaviour.status = 500
            case "garbage": scorer.behaviour.rawAnswer = Array("SSH-2.0\r\n".utf8)
            case "reset": scorer.behaviour.diesBeforeAnswer = true
            case "broken off": scorer.behaviour.diesInAnswer = true
            default: scorer.behaviour.delay = .seconds(1)
            }
            for _ in 0..<3 { try fail() }
            try await eventually { proxy.backends.slots.failures(slot).requests == 3 }
            #expect(proxy.backends.slots.failures(slot).connects == 0)
            scorer.behaviour = StubScorer.Behaviour()
            try await eventually("an answer in time acquits it") {
                _ = try ask(proxy, 1)
                return proxy.backends.slots.failures(slot).requests == 0
            }
        }
    }
}
