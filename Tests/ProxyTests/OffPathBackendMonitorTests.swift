import Dispatch
import Glibc
import Logging
import Proxy
import Resources
import TestSupport
import Testing

struct InVain: Error, CustomStringConvertible {
    let description: String
}

@Suite("Backends judged off the request path", .timeLimit(.minutes(2)))
struct BackendMonitorTests {
    /// A monitor on a directory of its own, with quick checks.
    struct Bench {
        let directory = BackendDirectory(capacity: 64)
        let monitor: BackendMonitor
        let changes = Shared(0)

        init(lookup: @escaping NameResolver.Lookup = { _ in [] }, resolvePeriod: Duration = .milliseconds(20)) throws {
            let changes = changes
            monitor = try BackendMonitor(
                directory: directory, resolvePeriod: resolvePeriod, lookup: lookup,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                onChange: { changes.change { $0 += 1 } })
            try monitor.start()
        }

        func lease(_ backend: Backend, _ check: HealthCheck? = nil) throws -> Int {
            let lease = try directory.lease([CheckedBackend(backend, check: check)])
            monitor.poke()
            return Int(try #require(lease.slots.first))
        }

        /// As `TestSupport.eventually`, telling what the monitor thinks when it is in vain.
        func eventually(_ what: String, _ condition: () async throws -> Bool) async throws {
            do {
                try await TestSupport.eventually(what, condition)
            } catch let error as NotEventually {
                throw InVain(description: "\(error.description): \(monitor.snapshot())")
            }
        }

        func status(_ backend: Backend) -> BackendStatus? { monitor.snapshot().first { $0.checked.backend == backend } }
    }

    static let check = HealthCheck(
        path: "/v2/health/ready", every: Interval(milliseconds: 20), timeout: .seconds(2), unhealthyAfter: 3)

    @Test("A scorer that answers its check with other than 2xx is put out, and one success brings it back")
    func activeCheck() async throws {
        let scorer = try StubScorer(version: "1")
        defer { scorer.stop() }
        let backend = Backend(host: "127.0.0.1", port: scorer.port)
        let bench = try Bench()
        defer { bench.monitor.stop() }
        let slot = try bench.lease(backend, Self.check)
        #expect(bench.directory.slots.isReady(slot))
        try await bench.eventually("a check arrives") { scorer.requestCount > 0 }
        let request = try #require(scorer.received.first)
        #expect(request.method == "GET")
        #expect(request.path == "/v2/health/ready")
        #expect(request.values("host") == [backend.authority])

        let changesBefore = bench.changes.get()
        scorer.behaviour.status = 503
        try await bench.eventually("the scorer is out") { !bench.directory.slots.isReady(slot) }
        try await bench.eventually("the status says why") {
            bench.status(backend)?.lastError?.contains("answered 503") == true
        }
        #expect(bench.status(backend)?.isHealthy == false)
        try await bench.eventually("the callback ran") { bench.changes.get() > changesBefore }
        let since = try #require(bench.status(backend)?.since)

        scorer.behaviour.status = 204
        try await bench.eventually("the scorer is back") { bench.directory.slots.isReady(slot) }
        try await bench.eventually("the status says so") { bench.status(backend)?.isHealthy == true }
        let status = try #require(bench.status(backend))
        #expect(status.lastError == nil)
        #expect(status.since > since)
    }

    @Test("Fewer failures in a row than `unhealthyAfter` do not put a scorer out")
    func fewFailures() async throws {
        let scorer = try StubScorer(
            version: "1",
            behaviour: {
                var b = StubScorer.Behaviour(); b.status = 500; return b
            }())
        defer { scorer.stop() }
        let backend = Backend(host: "127.0.0.1", port: scorer.port)
        let bench = try Bench()
        defer { bench.monitor.stop() }
        var check = Self.check
        check.unhealthyAfter = 1_000_000
        let slot = try bench.lease(backend, check)
        try await bench.eventually("ten checks failed") { scorer.requestCount >= 10 }
        try await bench.eventually("the failure is told") { bench.status(backend)?.lastError != nil }
        #expect(bench.directory.slots.isReady(slot))
        #expect(bench.status(backend)?.isHealthy == true)
    }

    @Test(
        "Silence, garbage, a cut connection and a refused one all count as failures",
        arguments: ["silence", "garbage", "cut", "refused"])
    func waysToFail(_ way: String) async throws {
        var behaviour = StubScorer.Behaviour()
        switch way {
        case "silence": behaviour.delay = .seconds(30)
        case "garbage": behaviour.rawAnswer = Array("SSH-2.0-OpenSSH_9.2 hello\r\n".utf8)
        case "cut": behaviour.diesBeforeAnswer = true
        default: break
        }
        let scorer = try StubScorer(version: "1", behaviour: behaviour)
        defer { scorer.stop() }
        if way == "refused" { scorer.stop() }
        let backend = Backend(host: "127.0.0.1", port: scorer.port)
        let bench = try Bench()
        defer { bench.monitor.stop() }
        var check = Self.check
        check.timeout = Interval(milliseconds: 100)
        let slot = try bench.lease(backend, check)
        try await bench.eventually("the scorer is out") { !bench.directory.slots.isReady(slot) }
        try await bench.eventually("the status says why") { bench.status(backend)?.lastError != nil }
    }

    @Test("Three connects in a row that fail in the loops put a backend out; a connect that succeeds brings it back")
    func passiveEjection() async throws {
        let dead = try StubScorer(version: "1")
        let port = dead.port
        dead.stop()
        let backend = Backend(host: "127.0.0.1", port: port)
        let bench = try Bench()
        defer { bench.monitor.stop() }
        let slot = try bench.lease(backend)
        try await bench.eventually("it is watched") { bench.status(backend) != nil }
        bench.directory.slots.noteConnectFailure(slot)
        bench.directory.slots.noteConnectFailure(slot)
        bench.directory.slots.noteConnectSuccess(slot)
        bench.directory.slots.noteConnectFailure(slot)
        let witness = Backend(host: "127.0.0.2", port: 9)
        _ = try bench.lease(witness)
        try await bench.eventually("another look was taken") { bench.status(witness) != nil }
        #expect(bench.directory.slots.isReady(slot))

        bench.directory.slots.noteConnectFailure(slot)
        bench.directory.slots.noteConnectFailure(slot)
        try await bench.eventually("it is out") { !bench.directory.slots.isReady(slot) }
        try await bench.eventually("a probe found it still dead") {
            bench.status(backend)?.lastError?.contains("refused") == true
        }
        #expect(!bench.directory.slots.isReady(slot))

        let alive = try StubScorer(version: "1", port: port)
        defer { alive.stop() }
        try await bench.eventually("it is back") { bench.directory.slots.isReady(slot) }
        #expect(bench.directory.slots.consecutiveConnectFailures(slot) == 0)
        #expect(alive.requestCount == 0)
    }

    @Test("With an active check, failed connects put a backend out at once, and the check brings it back")
    func ejectionWithCheck() async throws {
        let scorer = try StubScorer(version: "1")
        defer { scorer.stop() }
        let backend = Backend(host: "127.0.0.1", port: scorer.port)
        let bench = try Bench()
        defer { bench.monitor.stop() }
        let slot = try bench.lease(backend, Self.check)
        try await bench.eventually("a check arrives") { scorer.requestCount > 0 }
        let before = try #require(bench.status(backend)?.since)
        for _ in 0..<3 { bench.directory.slots.noteConnectFailure(slot) }
        // It may be back before anyone looks: the moment of its last change tells that it was out.
        try await bench.eventually("it was out, and is back") {
            let since = try #require(bench.status(backend)?.since)
            return since > before && bench.directory.slots.isReady(slot)
        }
        #expect(bench.directory.slots.consecutiveConnectFailures(slot) == 0)
    }

    @Test("Endpoints that check one backend in different ways each have their own verdict; in the same way, one")
    func twoChecks() async throws {
        let scorer = try StubScorer(version: "1")
        defer { scorer.stop() }
        let backend = Backend(host: "127.0.0.1", port: scorer.port)
        let bench = try Bench()
        defer { bench.monitor.stop() }
        var refused = Self.check
        refused.path = "/nowhere"
        scorer.behaviour.statusByPath = ["/nowhere": 404]
        let slot = try bench.lease(backend, Self.check)
        #expect(try bench.lease(backend, Self.check) == slot)
        let other = try bench.lease(backend, refused)
        try await bench.eventually("the one that is refused is out") { !bench.directory.slots.isReady(other) }
        let seen = scorer.received.count { $0.path == "/v2/health/ready" }
        try await bench.eventually("the other is asked on") {
            scorer.received.count { $0.path == "/v2/health/ready" } >= seen + 5
        }
        #expect(bench.directory.slots.isReady(slot))
        #expect(
            bench.monitor.snapshot().map(\.checked.healthKey) == [
                "\(backend.authority)/nowhere", "\(backend.authority)/v2/health/ready",
            ])
    }

    @Test("A backend that left every table is asked no more and leaves the report")
    func departure() async throws {
        let scorer = try StubScorer(version: "1")
        defer { scorer.stop() }
        let backend = Backend(host: "127.0.0.1", port: scorer.port)
        let bench = try Bench()
        defer { bench.monitor.stop() }
        let lease = try bench.directory.lease([CheckedBackend(backend, check: Self.check)])
        try await bench.eventually("a check arrives") { scorer.requestCount > 0 }
        bench.directory.release(lease)
        bench.monitor.poke()
        try await bench.eventually("it left the report") { bench.monitor.snapshot().isEmpty }
        try await bench.eventually("its connections are closed") { scorer.openConnections == 0 }
        let seen = scorer.connectionCount
        let other = try StubScorer(version: "2")
        defer { other.stop() }
        _ = try bench.lease(Backend(host: "127.0.0.1", port: other.port), Self.check)
        try await bench.eventually("the next one is asked ten times") { other.requestCount >= 10 }
        #expect(scorer.connectionCount == seen)
    }

    @Test("A name is resolved, its addresses followed as they change, and the last good ones kept when it fails")
    func names() async throws {
        let first = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
        let second = try #require(SocketAddress(literal: "127.0.0.2", port: 0))
        let answer = Shared<[SocketAddress]?>([first])
        let asked = Shared(0)
        let bench = try Bench(lookup: { name throws(NameResolverError) in
            asked.change { $0 += 1 }
            guard name == "scorer.test", let addresses = answer.get() else {
                throw NameResolverError("can't resolve '\(name)': the server is silent")
            }
            return addresses
        })
        defer { bench.monitor.stop() }
        let backend = Backend(host: "scorer.test", port: 8080)
        let slot = try bench.lease(backend)
        let checked = CheckedBackend(backend, check: nil)
        let unresolved = await Task.detached { bench.monitor.resolve([checked], timeout: .seconds(10)) }.value
        #expect(unresolved.isEmpty)
        #expect(bench.directory.slots.addresses(slot).map(\.description) == ["127.0.0.1:8080"])
        #expect(bench.directory.slots.isReady(slot))

        answer.set([first, second])
        try await bench.eventually("the second address is known") {
            bench.directory.slots.addresses(slot).map(\.description) == ["127.0.0.1:8080", "127.0.0.2:8080"]
        }
        answer.set([second])
        try await bench.eventually("the first address is gone") {
            bench.directory.slots.addresses(slot).map(\.description) == ["127.0.0.2:8080"]
        }
        answer.set(nil)
        try await bench.eventually("the failure is told") {
            bench.status(backend)?.lastError?.contains("the server is silent") == true
        }
        #expect(bench.directory.slots.addresses(slot).map(\.description) == ["127.0.0.2:8080"])
        #expect(bench.directory.slots.isReady(slot))
    }

    @Test("A name that does not resolve is not ready, does not hold up a table, and says why")
    func unknownName() async throws {
        let bench = try Bench(lookup: { name throws(NameResolverError) in throw NameResolverError("no such host") })
        defer { bench.monitor.stop() }
        let backend = Backend(host: "nowhere.test", port: 80)
        let slot = try bench.lease(backend)
        let checked = CheckedBackend(backend, check: nil)
        let unresolved = await Task.detached { bench.monitor.resolve([checked], timeout: .seconds(60)) }.value
        #expect(unresolved == [checked])
        #expect(!bench.directory.slots.isReady(slot))
        #expect(bench.status(backend)?.lastError == "no such host")
        #expect(bench.status(backend)?.isReady == false)
    }

    @Test("Failing connects have a name asked for again before its period is over")
    func hurriedName() async throws {
        let address = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
        let asked = Shared(0)
        let bench = try Bench(
            lookup: { _ in
                asked.change { $0 += 1 }
                return [address]
            }, resolvePeriod: .seconds(3600))
        defer { bench.monitor.stop() }
        let slot = try bench.lease(Backend(host: "scorer.test", port: 9))
        try await bench.eventually("it was asked for") { asked.get() == 1 }
        bench.directory.slots.noteConnectFailure(slot)
        try await bench.eventually("it was asked for again") { asked.get() >= 2 }
    }

    @Test("One name whose server is silent does not hold up the others")
    func silentServer() async throws {
        let address = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
        let isOver = DispatchSemaphore(value: 0)
        defer { isOver.signal() }
        let bench = try Bench(lookup: { name throws(NameResolverError) in
            if name == "silent.test" {
                isOver.wait()
                isOver.signal()
            }
            return [address]
        })
        defer { bench.monitor.stop() }
        _ = try bench.lease(Backend(host: "silent.test", port: 9))
        let slot = try bench.lease(Backend(host: "quick.test", port: 9))
        try await bench.eventually("the other is resolved") { bench.directory.slots.isReady(slot) }
    }
}
