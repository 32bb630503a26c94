import Proxy
import Resources
import Splitting
import TestSupport
import Testing

extension ServingTests {
    @Suite struct RoutingTests {
        @Test("Every key is served by the variant that owns its bucket, and always by the same")
        func split() throws {
            let fixture = try ProxyFixture(threads: 2)
            let client = try fixture.client()
            for round in 0..<2 {
                for number in 0..<1000 {
                    let key = "user-\(number)"
                    try client.send(request(user: key))
                    let answer = try client.answer()
                    let expected = Bucket.of(key: key, salt: "fraud") < 9000 ? "champion" : "challenger"
                    #expect(answer.status == 200)
                    #expect(answer["x-turnout-variant"] == expected, "round \(round), \(key)")
                    #expect(answer["x-scorer"] == (expected == "champion" ? "1" : "2"))
                }
            }
        }

        @Test("An answer says who gave it and why")
        func identity() throws {
            let fixture = try ProxyFixture()
            fixture.champion.behaviour.headers = ["X-Turnout-Variant: forged", "x-request-id: the-scorer's"]
            let client = try fixture.client()
            let champion = user(in: 0..<9000)
            try client.send(request(user: champion, headers: ["X-Request-Id: abc-123", "x-turnout-secret: 1"]))
            let answer = try client.answer()
            #expect(answer.values("x-turnout-endpoint") == ["fraud"])
            #expect(answer.values("x-turnout-variant") == ["champion"])
            #expect(answer.values("x-turnout-version") == ["fraud/1"])
            #expect(answer.values("x-turnout-generation") == ["1"])
            #expect(answer.values("x-turnout-reason") == ["split"])
            #expect(answer.values("x-request-id") == ["abc-123"])
            let received = try #require(fixture.champion.received.first)
            #expect(received.values("x-request-id") == ["abc-123"])
            #expect(received.values("x-turnout-secret").isEmpty)
            try client.send(request(user: champion, headers: ["X-Request-Id: not sane"]))
            #expect(try client.answer()["x-request-id"]?.count == 32)
        }

        @Test(
            "Paths address endpoints in every dialect",
            arguments: [
                ("/fraud/score?x=1", "/score?x=1"), ("/fraud", "/"), ("/fraud?q", "/?q"), ("/fraud/", "/"),
                ("/v2/models/fraud/infer", "/v2/models/fraud/infer"), ("/v2/models/fraud", "/v2/models/fraud"),
                ("/v1/models/fraud:predict", "/v1/models/fraud:predict"),
                ("/v1/models/fraud/labels/x:predict", "/v1/models/fraud/labels/x:predict"),
                ("/endpoints/fraud/invocations?a=b", "/invocations?a=b"),
                ("http://elsewhere/fraud/score", "/score"),
            ])
        func paths(sent: String, received: String) throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            try client.send(request(sent, user: user(in: 0..<9000)))
            #expect(try client.answer().status == 200)
            #expect(fixture.champion.received.first?.path == received)
        }

        @Test("A path that names a version goes to the variant of that version, or is not served")
        func versions() throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            let champion = user(in: 0..<9000)
            for path in ["/v2/models/fraud/versions/2/infer", "/v1/models/fraud/versions/2:predict"] {
                try client.send(request(path, user: champion))
                let answer = try client.answer()
                #expect(answer["x-turnout-variant"] == "challenger")
                #expect(answer["x-turnout-reason"] == "version")
            }
            try client.send(request("/v2/models/fraud/versions/7/infer", user: champion))
            let refused = try client.answer()
            #expect(refused.status == 404)
            #expect(refused.text.contains(#""code":"version_not_served""#))
            #expect(refused["x-turnout-endpoint"] == "fraud")
        }

        @Test("A host belongs to its endpoint whole, in any case and with any port; '*' takes the rest")
        func hosts() throws {
            let fixture = try ProxyFixture(route: { $0.hosts = ["fraud.internal"] })
            let client = try fixture.client()
            func send(_ host: String, _ path: String) throws -> Int {
                try client.send("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
                return try client.answer().status
            }
            #expect(try send("FRAUD.internal:8800", "/other/path") == 200)
            #expect(try send("fraud.internal", "/v2") == 200)
            #expect(try send("unknown", "/other/path") == 404)
            let paths = (fixture.champion.received + fixture.challenger.received).map(\.path)
            #expect(Set(paths) == ["/other/path", "/v2"])
            try fixture.proxy.install(table: fixture.table(generation: 2, route: { $0.hosts = ["*"] }))
            #expect(try send("unknown", "/other/path") == 200)
        }

        @Test("Health in the Open Inference Protocol's way is the proxy's own answer")
        func ownAnswers() throws {
            let fixture = try ProxyFixture(route: { $0.hosts = ["*"] })
            let client = try fixture.client()
            for path in ["/v2", "/v2/health/live", "/v2/health/ready?x"] {
                try client.send("GET \(path) HTTP/1.1\r\nHost: proxy\r\n\r\n")
                let answer = try client.answer()
                #expect(answer.status == 200)
                #expect(answer.text == #"{"name":"turnout","live":true,"ready":true}"#)
            }
            #expect(fixture.champion.requestCount + fixture.challenger.requestCount == 0)
        }

        @Test(
            "A routing key is read from a header, a cookie or the query",
            arguments: [
                (RoutingKey(source: .header, name: "x-user-id"), "/fraud/s", ["X-User-ID:  KEY  "]),
                (RoutingKey(source: .cookie, name: "uid"), "/fraud/s", ["Cookie: a=b; uid=KEY; c=d"]),
                (RoutingKey(source: .query, name: "user"), "/fraud/s?a=b&user=KEY&c", []),
                (RoutingKey(source: .query, name: "user"), "/fraud/s?us%65r=KEY", []),
            ])
        func keySources(key: RoutingKey, path: String, headers: [String]) throws {
            let fixture = try ProxyFixture(route: { $0.routingKey = key })
            let client = try fixture.client()
            for number in 0..<50 {
                let value = "user-\(number)"
                try client.send(
                    request(
                        path.replacing("KEY", with: value), user: nil,
                        headers: headers.map { $0.replacing("KEY", with: value) }))
                let expected = Bucket.of(key: value, salt: "fraud") < 9000 ? "champion" : "challenger"
                #expect(try client.answer()["x-turnout-variant"] == expected)
            }
        }

        @Test("A query's key is decoded before it is hashed")
        func decodedKey() throws {
            let fixture = try ProxyFixture(route: { $0.routingKey = RoutingKey(source: .query, name: "u") })
            let client = try fixture.client()
            for number in 0..<100 {
                let expected = Bucket.of(key: "é \(number)/", salt: "fraud") < 9000 ? "champion" : "challenger"
                try client.send(request("/fraud?u=%C3%a9+\(number)%2F", user: nil))
                #expect(try client.answer()["x-turnout-variant"] == expected)
            }
        }

        @Test("A request without a key is split at random, refused, or sent to a variant, as the endpoint says")
        func missingKey() throws {
            let fixture = try ProxyFixture()
            let client = try fixture.client()
            try client.send(request(user: nil))
            #expect(try client.answer()["x-turnout-reason"] == "no-key")
            try fixture.proxy.install(
                table: fixture.table(generation: 2, route: { $0.routingKey?.onMissing = .reject }))
            try client.send(request(user: nil))
            let refused = try client.answer()
            #expect(refused.status == 400)
            #expect(refused.text.contains(#""code":"routing_key_missing""#))
            let challenger = try VariantName(validating: "challenger")
            try fixture.proxy.install(
                table: fixture.table(generation: 3, route: { $0.routingKey?.onMissing = .variant(challenger) }))
            for _ in 0..<20 {
                try client.send(request(user: nil))
                #expect(try client.answer()["x-turnout-variant"] == "challenger")
            }
        }

        @Test("Without a key, variants are chosen in proportion to their shares")
        func randomSplit() throws {
            let fixture = try ProxyFixture(route: { $0.routingKey = nil })
            let client = try fixture.client()
            for _ in 0..<2000 {
                try client.send(request(user: nil))
                #expect(try client.answer().status == 200)
            }
            // 200 expected; six standard deviations are 80.
            #expect((120...280).contains(fixture.challenger.requestCount))
        }

        @Test("An override's header wins over the split, by its exact value alone")
        func overrides() throws {
            let challenger = try VariantName(validating: "challenger")
            let fixture = try ProxyFixture(route: {
                $0.overrides = [RoutingOverride(header: "x-canary", value: "insider", variant: challenger)]
            })
            let client = try fixture.client()
            let champion = user(in: 0..<9000)
            try client.send(request(user: champion, headers: ["X-Canary: insider"]))
            let overridden = try client.answer()
            #expect(overridden["x-turnout-variant"] == "challenger")
            #expect(overridden["x-turnout-reason"] == "override")
            try client.send(request(user: champion, headers: ["X-Canary: Insider"]))
            #expect(try client.answer()["x-turnout-variant"] == "champion")
        }
    }
}
