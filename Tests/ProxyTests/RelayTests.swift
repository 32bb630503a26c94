import Proxy
import Resources
import Splitting
import TestSupport
import Testing

extension ServingTests {
    @Suite struct RelayTests {
        @Test("Connections are kept and reused on both sides")
        func keepAlive() throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            for number in 0..<200 {
                try client.send(request("/fraud/\(number)"))
                #expect(try client.answer().text.contains("\"path\":\"/\(number)\""))
            }
            #expect(fixture.champion.connectionCount + fixture.challenger.connectionCount <= 2)
        }

        @Test("Requests sent without waiting are answered in order")
        func pipelining() throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            var all = ""
            for number in 0..<80 {
                let isUnknown = number % 7 == 3
                all += request(
                    isUnknown ? "/nowhere" : "/fraud/\(number)", user: "user-\(number)",
                    body: String(repeating: "x", count: number * 37 % 900))
            }
            try client.send(all)
            for number in 0..<80 {
                let answer = try client.answer()
                if number % 7 == 3 {
                    #expect(answer.status == 404)
                } else {
                    #expect(answer.text.contains("\"path\":\"/\(number)\""))
                }
            }
        }

        @Test("A request that arrives byte by byte is understood")
        func byteByByte() throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            for byte in request(headers: ["Transfer-Encoding: chunked"], body: nil).utf8 { try client.send([byte]) }
            for byte in "3;a=b\r\nabc\r\n0\r\nx-trailer: 1\r\n\r\n".utf8 { try client.send([byte]) }
            #expect(try client.answer().text.contains("\"bodyBytes\":3"))
        }

        @Test("A request of any size goes on whole, with all that is added to it", arguments: 0..<16)
        func everySize(offset: Int) throws {
            let fixture = try ProxyFixture(route: { $0.timeout = .seconds(20) })
            let client = try fixture.client()
            let id = String(repeating: "i", count: 128)
            for count in stride(from: 1000 + offset, to: 2300, by: 16) {
                let body = String(repeating: "b", count: count)
                try client.send(
                    request("http://other.internal:8080/fraud/\(count)", headers: ["x-request-id: \(id)"], body: body))
                let answer = try client.answer()
                #expect(answer.text.contains("\"path\":\"/\(count)\""))
                #expect(answer.text.contains("\"bodyBytes\":\(count)"))
                #expect(answer["x-request-id"] == id)
            }
        }

        @Test("A body of many megabytes reaches the scorer unchanged", arguments: [false, true])
        func bigRequest(isChunked: Bool) throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            var body: [UInt8] = []
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for index in 0..<3_000_000 {
                let byte = UInt8(truncatingIfNeeded: index &* 31 ^ (index >> 8))
                body.append(byte)
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
            if isChunked {
                try client.send(request(headers: ["Transfer-Encoding: chunked"], body: nil))
                for start in stride(from: 0, to: body.count, by: 70_001) {
                    let part = body[start..<min(start + 70_001, body.count)]
                    try client.send(Array((String(part.count, radix: 16) + "\r\n").utf8) + part + [13, 10])
                }
                try client.send("0\r\n\r\n")
            } else {
                try client.send(request(headers: ["Content-Length: \(body.count)"], body: nil))
                try client.send(body)
            }
            #expect(try client.answer().status == 200)
            let received = try #require((fixture.champion.received + fixture.challenger.received).first)
            #expect(received.bodyBytes == body.count)
            #expect(received.bodyHash == hash)
            try client.send(request())
            #expect(try client.answer().status == 200)
        }

        @Test(
            "A big answer reaches a reader who takes it late",
            arguments: [StubScorer.Behaviour.Framing.contentLength, .chunked, .closeDelimited])
        func bigAnswer(framing: StubScorer.Behaviour.Framing) async throws {
            let fixture = try ProxyFixture(route: { $0.routingKey = nil })
            for scorer in [fixture.champion, fixture.challenger] {
                scorer.behaviour.bodyBytes = 4_000_000
                scorer.behaviour.framing = framing
            }
            let client = try fixture.client(receiveBuffer: 8192)
            try client.send(request())
            // The scorer has everything sent or stands still long before the client reads.
            try await eventually { fixture.champion.requestCount + fixture.challenger.requestCount == 1 }
            let answer = try client.answer()
            #expect(answer.status == 200)
            #expect(answer.body.count == 4_000_000)
            #expect(answer["x-turnout-endpoint"] == "fraud")
        }

        @Test("Chunked answers keep their trailers")
        func trailers() throws {
            let fixture = try ProxyFixture()
            for scorer in [fixture.champion, fixture.challenger] {
                scorer.behaviour.framing = .chunked
                scorer.behaviour.trailers = ["x-checksum: 42"]
            }
            let client = try fixture.client()
            for _ in 0..<3 {
                try client.send(request())
                let answer = try client.answer()
                #expect(answer.text.contains("\"version\""))
                #expect(answer["x-checksum"] == "42")
            }
        }

        @Test(
            "An answer whose trailer frames a message or pretends to be Turnout's is none",
            arguments: ["content-length: 5", "Transfer-Encoding: chunked", "x-turnout-version: fraud/9"])
        func forbiddenTrailers(_ trailer: String) throws {
            let fixture = try ProxyFixture()
            for scorer in [fixture.champion, fixture.challenger] {
                scorer.behaviour.framing = .chunked
                scorer.behaviour.trailers = [trailer]
            }
            let client = try fixture.client()
            try client.send(request())
            let answer = try client.answer()
            #expect(answer.status == 502)
            #expect(answer.text.contains("bad_answer"))
            #expect(answer["x-turnout-version"] == "fraud/1" || answer["x-turnout-version"] == "fraud/2")
        }

        @Test("A client of HTTP/1.0 gets chunks unwrapped, and its connection kept only if it asks")
        func http10() throws {
            let fixture = try ProxyFixture()
            for scorer in [fixture.champion, fixture.challenger] { scorer.behaviour.framing = .chunked }
            let client = try fixture.client()
            try client.send("GET /fraud/x HTTP/1.0\r\n\r\n")
            let text = String(decoding: try client.receiveAll(), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200"))
            #expect(text.hasSuffix("\"bodyBytes\":0}"))
            #expect(!text.lowercased().contains("transfer-encoding"))
            for scorer in [fixture.champion, fixture.challenger] { scorer.behaviour.framing = .contentLength }
            let kept = try fixture.client()
            for _ in 0..<2 {
                try kept.send("GET /fraud/x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try kept.answer()["connection"] == "keep-alive")
            }
        }

        @Test("HEAD, 204 and 304 have no body, and the next answer follows directly")
        func bodiless() throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            try client.send(request(method: "HEAD", body: nil) + request("/fraud/after"))
            #expect(try client.answer(isHead: true)["content-length"] != nil)
            #expect(try client.answer().text.contains("/after"))
            for status in [204, 304] {
                for scorer in [fixture.champion, fixture.challenger] { scorer.behaviour.status = status }
                try client.send(request())
                #expect(try client.answer().status == status)
            }
        }

        @Test("Expect: 100-continue is answered by the scorer, and interim answers pass")
        func interim() throws {
            let fixture = try ProxyFixture()
            for scorer in [fixture.champion, fixture.challenger] {
                scorer.behaviour.interim = Array("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".utf8)
            }
            let client = try fixture.client()
            try client.send(request(headers: ["Expect: 100-continue", "Content-Length: 3"], body: nil))
            #expect(try client.answer().status == 100)
            try client.send("abc")
            #expect(try client.answer().status == 103)
            #expect(try client.answer().text.contains("\"bodyBytes\":3"))
        }

        @Test("Headers meant for one hop are not passed on, in either direction")
        func hopByHop() throws {
            let fixture = try ProxyFixture()
            for scorer in [fixture.champion, fixture.challenger] {
                scorer.behaviour.headers = [
                    "Keep-Alive: timeout=5", "Connection: x-private", "X-Private: 1", "x-kept: 1",
                ]
            }
            let client = try fixture.client()
            try client.send(
                request(headers: [
                    "Connection: keep-alive, X-Secret", "x-secret: 1", "Keep-Alive: 1", "TE: trailers", "Upgrade: h2c",
                    "Proxy-Connection: x", "X-Kept: a",
                ]))
            let answer = try client.answer()
            #expect(answer["keep-alive"] == nil && answer["x-private"] == nil && answer["connection"] == nil)
            #expect(answer["x-kept"] == "1")
            let received = try #require((fixture.champion.received + fixture.challenger.received).first)
            for name in ["connection", "x-secret", "keep-alive", "te", "upgrade", "proxy-connection"] {
                #expect(received.values(name).isEmpty, "\(name)")
            }
            #expect(received.values("x-kept") == ["a"])
            #expect(received.values("host") == ["proxy"])
        }

        @Test("Connection: close is honoured, and a half-closed client still gets its answer")
        func closing() throws {
            let fixture = try ProxyFixture()
            let closing = try fixture.client()
            try closing.send(request(headers: ["Connection: close"]))
            let answer = try closing.answer()
            #expect(answer["connection"] == "close")
            #expect(closing.isAtEnd())
            for scorer in [fixture.champion, fixture.challenger] { scorer.behaviour.delay = .milliseconds(50) }
            let half = try fixture.client()
            try half.send(request())
            half.finishSending()
            #expect(try half.answer().status == 200)
            #expect(half.isAtEnd())
        }
    }
}
