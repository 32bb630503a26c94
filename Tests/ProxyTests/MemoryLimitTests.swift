import Glibc
import Logging
import Splitting
import TestSupport
import Testing

@testable import Proxy

extension ServingTests {
    /// What a proxy does while memory is short, with a gauge that the test sets: how a real process comes to it is tested
    /// end to end.
    @Suite struct MemoryLimitTests {
        private struct Fixture {
            let proxy: Proxy
            let scorer: StubScorer
            /// What the proxy takes for its memory.
            private let file = "/tmp/turnout-memory-\(UInt64.random(in: 0 ... .max))"
            private static let page = 4096

            init(drainIdleTimeout: Duration = .seconds(60)) throws {
                scorer = try StubScorer(version: "1")
                var configuration = ProxyConfiguration()
                configuration.port = 0
                configuration.slowStart = .zero
                configuration.memoryLimit = 1000 * Self.page
                configuration.drainIdleTimeout = drainIdleTimeout
                try Self.write(100, to: file)
                proxy = try Proxy(
                    configuration: configuration,
                    logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                    memoryFile: file)
                let route = try ProxyFixture.route(endpoint: "fraud", over: [scorer])
                try proxy.install(table: FlatTable(RoutingTable(generation: 1, routes: [route])))
                try proxy.start()
            }

            func client() throws -> ScoringClient { try ScoringClient(port: proxy.boundPort) }

            /// - Parameter pages: of the 1000 that it may hold.
            func hold(_ pages: Int, until pressure: MemoryPressure) async throws {
                try Self.write(pages, to: file)
                try await eventually("\(pressure)") { proxy.memoryPressure == pressure }
            }

            private static func write(_ pages: Int, to file: String) throws {
                let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
                defer { close(descriptor) }
                // Of one length, so that no reader sees half of two.
                let number = String(10_000 + pages).dropFirst()
                let bytes = Array("9999 \(number) 0 1 0 1 0\n".utf8)
                try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
            }

            func stop() {
                proxy.stop()
                scorer.stop()
                unlink(file)
            }
        }

        @Test("From 92 % of the limit on connections end with their answers, and backends' idle ones go")
        func draining() async throws {
            let fixture = try Fixture()
            defer { fixture.stop() }
            let client = try fixture.client()
            try client.send(request())
            #expect(try client.answer()["connection"] == nil)
            try await eventually("the backend's connection is kept") {
                fixture.proxy.metrics().idleBackendConnections == 1
            }
            try await fixture.hold(920, until: .draining)
            try await eventually("no idle backend connection") {
                fixture.proxy.metrics().idleBackendConnections == 0
            }
            try client.send(request())
            let answer = try client.answer()
            #expect(answer.status == 200 && answer["connection"] == "close")
            #expect(client.isAtEnd())
            let own = try fixture.client()
            try own.send(request("/v2/health/live", method: "GET", body: nil))
            #expect(try own.answer()["connection"] == "close")
            // What is used all the time stays, for a second.
            try await eventually("no idle backend connection") {
                fixture.proxy.metrics().idleBackendConnections == 0
            }
        }

        @Test("From 92 % on a connection without a request has no longer than one of a proxy that ends")
        func idle() async throws {
            let fixture = try Fixture(drainIdleTimeout: .milliseconds(10))
            defer { fixture.stop() }
            let client = try fixture.client()
            try client.send(request())
            #expect(try client.answer().status == 200)
            try await fixture.hold(920, until: .draining)
            #expect(client.isAtEnd())
            try await eventually("it is forgotten") { fixture.proxy.metrics().clientConnections == 0 }
        }

        @Test("From 95 % on new requests and connections get 503 at once, and what was begun goes on")
        func shedding() async throws {
            let fixture = try Fixture()
            defer { fixture.stop() }
            let (slow, half, kept, asked) = (
                try fixture.client(), try fixture.client(), try fixture.client(), try fixture.client()
            )
            try slow.send(request(headers: ["Content-Length: 100000"], body: nil))
            try slow.send([UInt8](repeating: 0x78, count: 1000))
            try half.send("POST /fraud/score HTTP/1.1\r\nhost: a\r\nx-half: ")
            for client in [kept, asked] {
                try client.send(request())
                #expect(try client.answer().status == 200)
            }
            try await eventually("the scorer is asked") { fixture.scorer.connectionCount == 2 }
            try await fixture.hold(950, until: .shedding)

            #expect(try half.answer().code == "memory_pressure")
            try kept.send(request(headers: ["x-request-id: mine"]))
            let refused = try kept.answer()
            #expect(refused.status == 503 && refused["retry-after"] == "1" && refused["connection"] == "close")
            #expect(refused["x-turnout-endpoint"] == "fraud")
            #expect(
                refused.text == #"{"error":{"code":"memory_pressure","message":"The proxy has too little memory left "#
                    + #"for another request.","requestId":"mine"}}"#)
            #expect(kept.isAtEnd())
            // What only asks whether the proxy lives is told.
            try asked.send(request("/v2/health/live", method: "GET", body: nil))
            #expect(try asked.answer().status == 200)
            #expect(try fixture.client().answer().code == "memory_pressure")

            try slow.send([UInt8](repeating: 0x78, count: 99_000))
            let answer = try slow.answer()
            #expect(answer.status == 200 && answer.text.contains(#""bodyBytes":100000"#))
            #expect(answer["connection"] == "close")

            let metrics = fixture.proxy.metrics()
            #expect(metrics.memoryPressure == .shedding && metrics.memory == .init(limit: 4_096_000, held: 950 * 4096))
            #expect(metrics.refusedConnections == 1)
            #expect(metrics.unroutedErrors["memory_pressure"] == 2)
            #expect(metrics.series.first { $0.variant == "champion" }?.turnoutErrors["memory_pressure"] == 1)
        }

        @Test("From 98 % on a request that needs a buffer ends, others go on, and no scorer is blamed")
        func exhausted() async throws {
            let fixture = try Fixture()
            defer { fixture.stop() }
            fixture.scorer.behaviour.bodyBytes = 30_000_000
            let (unread, read) = (
                try ScoringClient(port: fixture.proxy.boundPort, receiveBuffer: 4096), try fixture.client()
            )
            for client in [unread, read] {
                try client.send(request(headers: ["Content-Length: 10"], body: nil) + "x")
            }
            try await eventually("the scorer is asked") { fixture.scorer.connectionCount == 2 }
            try await fixture.hold(985, until: .exhausted)
            // The kernel does not take all of the answer, and there is no room for the rest.
            try unread.send("123456789")
            try await eventually("it is cut") {
                fixture.proxy.metrics().series.first { $0.variant == "champion" }?.turnoutErrors["memory_pressure"] == 1
            }
            #expect(unread.isReset())
            let slot = try #require(fixture.proxy.backends.registrations().first).slot
            #expect(fixture.proxy.backends.slots.failures(slot).requests == 0)
            #expect(try fixture.client().answer().code == "memory_pressure")

            fixture.scorer.behaviour.bodyBytes = 1000
            try read.send("123456789")
            #expect(try read.answer().body.count == 1000)
            try await fixture.hold(100, until: .none)
            let client = try fixture.client()
            try client.send(request())
            #expect(try client.answer().status == 200)
        }

        @Test("A level is left two points below where it began, and all is as before then")
        func recovery() async throws {
            let fixture = try Fixture()
            defer { fixture.stop() }
            try await fixture.hold(950, until: .shedding)
            try await fixture.hold(929, until: .draining)
            let closing = try fixture.client()
            try closing.send(request())
            #expect(try closing.answer()["connection"] == "close")
            try await fixture.hold(899, until: .none)
            let client = try fixture.client()
            for _ in 0..<3 {
                try client.send(request())
                let answer = try client.answer()
                #expect(answer.status == 200 && answer["connection"] == nil)
            }
            try await eventually("the backend's connection is kept") {
                fixture.proxy.metrics().idleBackendConnections == 1
            }
            try await fixture.hold(970, until: .shedding)
            #expect(try fixture.client().answer().status == 503)
            try await fixture.hold(0, until: .none)
            try client.send(request())
        }

        @Test("Bodies and answers far larger than a page pass whole while memory is short")
        func largeBodies() async throws {
            let fixture = try Fixture()
            defer { fixture.stop() }
            fixture.scorer.behaviour.bodyBytes = 3_000_000
            let client = try fixture.client()
            try client.send(request(headers: ["Content-Length: 2000000"], body: nil) + "x")
            try await eventually("the scorer is asked") { fixture.scorer.connectionCount == 1 }
            try await fixture.hold(979, until: .shedding)
            try client.send([UInt8](repeating: 0x78, count: 1_999_999))
            #expect(try client.answer().body.count == 3_000_000)
            #expect(fixture.scorer.received.first?.bodyBytes == 2_000_000)
        }
    }
}
