import Logging
import Proxy
import Resources
import Splitting
import TestSupport
import Testing

extension ServingTests {
    @Suite struct FaultTests {
        @Test("An unknown endpoint is a 404 in JSON with the request's id")
        func unknownEndpoint() throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            try client.send(request("/nobody/x", headers: ["x-request-id: my-id"]))
            let answer = try client.answer()
            #expect(answer.status == 404)
            #expect(answer["content-type"] == "application/json")
            #expect(
                answer.text
                    == #"{"error":{"code":"endpoint_not_found","message":"No endpoint has this name or host.","requestId":"my-id"}}"#
            )
            #expect(answer["x-request-id"] == "my-id")
            try client.send(request())
            #expect(try client.answer().status == 200)
        }

        @Test("A backend that refuses connections is a 502, one that closes without an answer too")
        func badGateway() throws {
            let fixture = try ProxyFixture(route: { $0.retry = RetryPolicy(attempts: 0) })
            for scorer in [fixture.champion, fixture.challenger] { scorer.behaviour.diesBeforeAnswer = true }
            let client = try fixture.client()
            try client.send(request())
            let closed = try client.answer()
            #expect(closed.status == 502 && closed.code == "backend_closed")
            #expect(closed["x-turnout-variant"] != nil)
            fixture.champion.stop()
            fixture.challenger.stop()
            try client.send(request())
            let refused = try client.answer()
            #expect(refused.status == 502 && refused.code == "connect_failed")
        }

        private static let badAnswers = [
            "garbage\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "HTTP/1.1 20 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "HTTP/2.0 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nx: \0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nx: " + String(repeating: "y", count: 20_000) + "\r\n\r\n",
            String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 20),
        ]

        @Test(
            "An answer that is no valid HTTP/1.1 is a 502",
            arguments: Self.badAnswers.indices)
        func garbage(index: Int) throws {
            let fixture = try ProxyFixture()
            for scorer in [fixture.champion, fixture.challenger] {
                scorer.behaviour.rawAnswer = Array(Self.badAnswers[index].utf8)
            }
            let client = try fixture.client()
            try client.send(request())
            var answer = try client.answer()
            while answer.status < 200 { answer = try client.answer() }
            #expect(answer.status == 502)
            #expect(answer.code == "bad_answer")
        }

        @Test("An answer that breaks off is cut, so that the client sees that it is not whole")
        func truncated() throws {
            for framing in [StubScorer.Behaviour.Framing.contentLength, .chunked, .closeDelimited] {
                let fixture = try ProxyFixture()
                for scorer in [fixture.champion, fixture.challenger] {
                    scorer.behaviour.framing = framing
                    scorer.behaviour.diesInAnswer = true
                    scorer.behaviour.bodyBytes = 500_000
                }
                let client = try fixture.client()
                try client.send(request())
                #expect(throws: ScoringClient.Failure.self) { try client.answer() }
            }
        }

        @Test("A backend that does not answer in time is a 504, and other requests are unharmed")
        func timeout() throws {
            let fixture = try ProxyFixture(route: { $0.timeout = Interval(milliseconds: 80) })
            fixture.challenger.behaviour.delay = .seconds(3)
            let client = try fixture.client()
            try client.send(request(user: user(in: 9000..<10_000)))
            let answer = try client.answer()
            #expect(answer.status == 504 && answer.code == "timeout")
            try client.send(request(user: user(in: 0..<9000)))
            #expect(try client.answer().status == 200)
        }

        @Test("Without a healthy backend the answer is 503 with retry-after")
        func unhealthy() async throws {
            let fixture = try ProxyFixture()
            for registration in fixture.proxy.backends.registrations() {
                fixture.proxy.backends.slots.setHealthy(registration.slot, false)
            }
            let client = try fixture.client()
            try client.send(request())
            let answer = try client.answer()
            #expect(answer.status == 503 && answer.code == "no_healthy_backend")
            #expect(answer["retry-after"] == "1")
            for registration in fixture.proxy.backends.registrations() {
                fixture.proxy.backends.slots.setHealthy(registration.slot, true)
            }
            try client.send(request())
            #expect(try client.answer().status == 200)
        }

        @Test("Slow heads are 408, large ones 431, large bodies 413, and bodies that never end 408")
        func limits() throws {
            let fixture = try ProxyFixture(
                configure: {
                    $0.headerTimeout = .milliseconds(60)
                    $0.maximumHeadBytes = 2000
                    $0.maximumBodyBytes = 5000
                }, route: { $0.timeout = Interval(milliseconds: 150) })
            func answer(_ text: String) throws -> (Int, String?, Bool) {
                let client = try fixture.client()
                try client.send(text)
                let answer = try client.answer()
                return (answer.status, answer.code, client.isAtEnd())
            }
            #expect(try answer("POST /fraud HTTP/1.1\r\nHost:") == (408, "header_timeout", true))
            let long = String(repeating: "a", count: 2000)
            #expect(try answer("GET /fraud HTTP/1.1\r\nHost: a\r\nx: \(long)\r\n\r\n") == (431, "head_too_large", true))
            #expect(try answer("GET /\(long)") == (431, "head_too_large", true))
            #expect(try answer(request(headers: ["Content-Length: 5001"], body: nil)) == (413, "body_too_large", true))
            let chunk = "bb8\r\n" + String(repeating: "x", count: 3000) + "\r\n"
            #expect(
                try answer(request(headers: ["Transfer-Encoding: chunked"], body: nil) + chunk + chunk)
                    == (413, "body_too_large", true))
            #expect(
                try answer(request(headers: ["Content-Length: 9"], body: nil) + "x") == (408, "request_timeout", true))
        }

        @Test("Connections beyond the limit are refused with 503")
        func connectionLimit() async throws {
            let fixture = try ProxyFixture(configure: { $0.maximumConnections = 2 })
            let first = try fixture.client()
            let second = try fixture.client()
            for client in [first, second] {
                try client.send(request())
                #expect(try client.answer().status == 200)
            }
            let third = try fixture.client()
            let refused = try third.answer()
            #expect(refused.status == 503 && refused.code == "overloaded")
            #expect(fixture.proxy.metrics().refusedConnections == 1)
        }

        @Test("Before the first table every request is 503")
        func notReady() throws {
            var configuration = ProxyConfiguration()
            configuration.port = 0
            let proxy = try Proxy(configuration: configuration, logger: .init(label: "test"))
            try proxy.start()
            defer { proxy.stop() }
            let client = try ScoringClient(port: proxy.boundPort)
            try client.send(request())
            let answer = try client.answer()
            #expect(answer.status == 503 && answer.code == "not_ready")
            #expect(proxy.currentGeneration == 0)
        }
    }
}
