import Proxy
import TestSupport
import Testing

extension ServingTests {
    @Suite struct MalformedRequestTests {
        /// Each is refused with 400 and a closed connection, and nothing of it reaches a scorer.
        private static let refused = [
            "GET\r\n\r\n", "GET /fraud\r\n\r\n", "GET  /fraud HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /fraud  HTTP/1.1\r\nHost: a\r\n\r\n", "GET /fraud HTTP/1.1 \r\nHost: a\r\n\r\n",
            "GET /fraud HTTP/1.1\nHost: a\n\n", "GET /fraud HTTP/1.1\r\nHost: a\n\r\n",
            "GET /fraud HTTP/1.1\r\nHost: a\r\n\n", "GET /fraud HTTP/1.1\rHost: a\r\r",
            "get /fraud HTTP/1.1\r\nHost: a\r\n\r\n",
            "G(T /fraud HTTP/1.1\r\nHost: a\r\n\r\n", "GET /fr\u{1}aud HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /fråud HTTP/1.1\r\nHost: a\r\n\r\n", "GET fraud HTTP/1.1\r\nHost: a\r\n\r\n",
            "CONNECT fraud:80 HTTP/1.1\r\nHost: a\r\n\r\n", "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET ftp://a/fraud HTTP/1.1\r\nHost: a\r\n\r\n", "GET http:///fraud HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET http://u@a/fraud HTTP/1.1\r\nHost: a\r\n\r\n", "GET /fraud http/1.1\r\nHost: a\r\n\r\n",
            "GET /fraud HTTP/11\r\nHost: a\r\n\r\n", "GET /fraud HTTP/1.x\r\nHost: a\r\n\r\n",
            "GET /fraud HTTP/1.1\r\n\r\n", "GET /fraud HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET /fraud HTTP/1.1\r\nHost: a b\r\n\r\n", "GET /fraud HTTP/1.1\r\nHost: a/b\r\n\r\n",
            "GET /fraud HTTP/1.1\r\nHost : a\r\n\r\n", "GET /fraud HTTP/1.1\r\n Host: a\r\n\r\n",
            "GET /fraud HTTP/1.1\r\nHost: a\r\nx: y\r\n z\r\n\r\n", "GET /fraud HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n",
            "GET /fraud HTTP/1.1\r\nHost: a\r\nx\r\n\r\n", "GET /fraud HTTP/1.1\r\nHost: a\r\nx y: z\r\n\r\n",
            "GET /fraud HTTP/1.1\r\nHost: a\r\nx\u{e9}: z\r\n\r\n", "GET /fraud HTTP/1.1\r\nHost: a\r\nx: a\0b\r\n\r\n",
            "GET /fraud HTTP/1.1\r\nHost: a\r\nx: a\rb\r\n\r\n",
            "GET /fraud HTTP/1.1\r\nHost: a\r\nx: a\u{7f}b\r\n\r\n",
            "GET /fraud HTTP/1.1\r\nHost: a\r\nx: 01234567\u{8}\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\nhello",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nhello",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\u{b}chunked\r\n\r\n0\r\n\r\n",
            "POST /fraud HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /fraud HTTP/1.1\r\nHost: a\r\nConnection: content-length\r\nContent-Length: 5\r\n\r\nhello",
        ]

        /// Bodies whose framing breaks in the first bytes.
        private static let refusedChunks = [
            "x\r\n\r\n", "5\nhello\r\n0\r\n\r\n", "5\r\nhello0\r\n\r\n", "5\r\nhello\n0\r\n\r\n",
            "5\r\nhelloX\r\n0\r\n\r\n",
            "-5\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n",
            " 5\r\nhello\r\n0\r\n\r\n",
            "5;a\nb\r\nhello\r\n0\r\n\r\n", "5;a\rb\r\nhello\r\n0\r\n\r\n", "10000000000000000\r\n",
            "\r\n5\r\nhello\r\n",
            "0\r\nbad trailer\r\n\r\n", "0\r\nx: \0\r\n\r\n", "0\r\n folded: x\r\n\r\n", "0\r\n\rX",
            "5;\r\nhello\r\n0\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n",
            "0\r\na: b\r\nTransfer-Encoding: chunked\r\n\r\n",
            "0\r\nX-Turnout-Variant: challenger\r\n\r\n", "0\r\nhost: b\r\n\r\n",
        ]

        @Test(
            "A request that is malformed or ambiguous is answered 400, and no scorer sees it",
            arguments: refused.indices)
        func refuses(index: Int) async throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            try client.send(Self.refused[index])
            let answer = try client.answer()
            #expect(answer.status == 400)
            #expect(answer.text.contains("\"code\":\"bad_request\""))
            #expect(answer["connection"] == "close")
            #expect(client.isAtEnd())
            #expect(fixture.champion.connectionCount + fixture.challenger.connectionCount == 0)
        }

        @Test(
            "A body whose chunks are malformed is answered 400, and no scorer sees it", arguments: refusedChunks.indices
        )
        func refusesChunks(index: Int) throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            try client.send(request(headers: ["Transfer-Encoding: chunked"], body: nil) + Self.refusedChunks[index])
            let answer = try client.answer()
            #expect(answer.status == 400)
            #expect(client.isAtEnd())
            #expect(fixture.champion.requestCount + fixture.challenger.requestCount == 0)
        }

        @Test("Malformed chunks after good ones end both connections, and the scorer never counts the request")
        func lateChunks() async throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            try client.send(request(headers: ["Transfer-Encoding: chunked"], body: nil) + "5\r\nhello\r\n")
            try await eventually { fixture.champion.openConnections + fixture.challenger.openConnections == 1 }
            try client.send("zz\r\n")
            #expect(try client.answer().status == 400)
            try await eventually { fixture.champion.openConnections + fixture.challenger.openConnections == 0 }
            #expect(fixture.champion.requestCount + fixture.challenger.requestCount == 0)
        }

        @Test("Other versions of HTTP are 505, unknown expectations 417")
        func versions() throws {
            let fixture = try ProxyFixture()
            for (text, status) in [
                ("GET /fraud HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
                ("GET /fraud HTTP/1.2\r\nHost: a\r\n\r\n", 505),
                ("GET /fraud HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", 417),
            ] {
                let client = try fixture.client()
                try client.send(text)
                #expect(try client.answer().status == status)
            }
        }

        @Test("What RFC 9112 allows, however odd, is served")
        func oddities() throws {
            let fixture = try ProxyFixture()
            for text in [
                "\r\n\r\nGET /fraud HTTP/1.1\r\nHost:\r\n\r\n", "GET /fraud HTTP/1.1\r\nhOsT:a\r\nX-Empty:\r\n\r\n",
                "GET /fraud HTTP/1.1\r\nHost: a\r\nx:\t a\tb \u{e9} \t\r\n\r\n",
                "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
                "POST /fraud HTTP/1.1\r\nHost: a\r\nContent-Length: 0005\r\n\r\nhello",
                "POST /fraud HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n005;x=\"y\"\r\nhello\r\n0\r\n\r\n",
                "GET http://a HTTP/1.1\r\nHost: fraud\r\n\r\n", "DELETE /fraud HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
                "M-SEARCH /fraud HTTP/1.1\r\nHost: a\r\n\r\n",
            ] {
                let client = try fixture.client()
                try client.send(text)
                let status = try client.answer().status
                #expect(status == (text.hasPrefix("GET http://a ") ? 404 : 200), "\(text)")
            }
            for received in fixture.champion.received + fixture.challenger.received {
                #expect(received.values("content-length").count <= 1)
            }
        }
    }
}
