import Foundation
import Glibc
import Logging
import Proxy
import Resources
import Splitting
import TestSupport
import Testing

@Suite("The admin port", .timeLimit(.minutes(1)))
struct AdminServerTests {
    /// An admin server over values that the test sets.
    struct Bench {
        let server: AdminServer
        let table = Shared<FlatTable?>(nil)
        let readiness = Shared(AdminServer.Readiness.ready)
        let stuck = Shared<[Int]>([])

        init() throws {
            let (table, readiness, stuck) = (table, readiness, stuck)
            let status = BackendStatus(
                checked: CheckedBackend(SampleTable.champion, check: SampleTable.check), isHealthy: false,
                since: Timestamp(microseconds: 0),
                lastError: "said \"no\"\u{1}\n", addresses: [SocketAddress(ipv4: 0x7f00_0001, port: 9001)],
                isResolved: true)
            let sources = AdminServer.Sources(
                metrics: { ExpositionTests.metrics() }, backends: { [status] }, table: { table.get() },
                readiness: { readiness.get() }, slowRequests: { (Self.slow, .milliseconds(100)) },
                stuckThreads: { stuck.get() })
            server = try AdminServer(
                address: SocketAddress(ipv4: 0x7f00_0001, port: 0),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                handler: AdminServer.pages(sources, build: .init(version: "1.0", commit: "abc")))
            try server.start()
        }

        static let slow: [FinishedRequest] = {
            let full = FinishedRequest(
                finishedAt: Timestamp(microseconds: 1_500_999), duration: .microseconds(123_456), endpoint: "fraud",
                variant: "champion", version: "fraud/12", reason: "split", backend: "http://a:1", method: "POST",
                status: 200, error: nil, attempts: 1, requestBytes: 5, answerBytes: 6,
                traceID: String(repeating: "a", count: 32), requestID: "in\"side")
            var bare = full
            (bare.endpoint, bare.variant, bare.version, bare.reason, bare.backend) = (nil, nil, nil, nil, nil)
            (bare.method, bare.status, bare.error) = (nil, nil, "client_closed")
            return [full, bare]
        }()

        func get(_ path: String, method: String = "GET") async throws -> Answer {
            try await exchange("\(method) \(path) HTTP/1.1\r\nhost: admin\r\n\r\n")
        }

        /// Sends the bytes and reads until the server closes.
        func exchange(_ bytes: String) async throws -> Answer {
            let port = server.address.port
            return try await Task.detached { try Answer(try RawClient(port: port).exchange(Array(bytes.utf8))) }.value
        }
    }

    struct Answer: Sendable {
        let status: Int
        let head: String
        let body: String

        init(_ bytes: [UInt8]) throws {
            let text = String(decoding: bytes, as: UTF8.self)
            let end = try #require(text.range(of: "\r\n\r\n"))
            head = String(text[..<end.lowerBound])
            body = String(text[end.upperBound...])
            status = try #require(Int(head.split(separator: " ")[1]))
        }

        func json() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
        }

        func errorCode() throws -> String? { (try json()["error"] as? [String: Any])?["code"] as? String }
    }

    @Test("A page that takes long to make, and longer to take, arrives whole, and so does what was asked for meanwhile")
    func longPage() async throws {
        let page = String(repeating: "x", count: 20_000_000)
        let server = try AdminServer(
            address: SocketAddress(ipv4: 0x7f00_0001, port: 0),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            handler: { _, path in
                // Longer than a peer may be silent.
                if path == "/long" { _ = DispatchSemaphore(value: 0).wait(timeout: .now() + 2.5) }
                return AdminResponse(status: 200, body: path == "/long" ? page : "short")
            })
        try server.start()
        defer { server.stop() }
        let port = server.address.port
        let answers = try await Task.detached {
            try ["/long", "/short"].map { path in
                let client = try RawClient(port: port)
                try client.send(Array("GET \(path) HTTP/1.1\r\nhost: admin\r\n\r\n".utf8))
                return client
            }.map { try Answer($0.readToEnd()) }
        }.value
        #expect(answers.map(\.body.utf8.count) == [page.utf8.count, 5])
    }

    @Test("/metrics answers in Prometheus' format, with the length it says")
    func metrics() async throws {
        let bench = try Bench()
        defer { bench.server.stop() }
        bench.table.set(try SampleTable.make(generation: 5))
        let answer = try await bench.get("/metrics?name=x")
        #expect(answer.status == 200)
        #expect(answer.head.contains("content-type: text/plain; version=0.0.4"))
        #expect(answer.head.contains("content-length: \(answer.body.utf8.count)\r\n"))
        #expect(try ParsedExposition(answer.body).value("turnout_proxy_connections") == 11)
    }

    @Test("/healthz is 200 while the loops turn, and names the threads that do not")
    func health() async throws {
        let bench = try Bench()
        defer { bench.server.stop() }
        #expect(try await bench.get("/healthz").status == 200)
        bench.stuck.set([1, 3])
        let answer = try await bench.get("/healthz")
        #expect(answer.status == 503)
        #expect(try answer.json()["threads"] as? [Int] == [1, 3])
    }

    @Test("/readyz is 200 once a table is served, and 503 with the reason before and while draining")
    func readiness() async throws {
        let bench = try Bench()
        defer { bench.server.stop() }
        bench.readiness.set(.noTable)
        var answer = try await bench.get("/readyz")
        #expect(answer.status == 503)
        #expect(try answer.errorCode() == "no_table")
        bench.readiness.set(.ready)
        bench.table.set(try SampleTable.make(generation: 5))
        answer = try await bench.get("/readyz")
        #expect(answer.status == 200)
        #expect(try answer.json()["generation"] as? Int == 5)
        bench.readiness.set(.draining)
        answer = try await bench.get("/readyz")
        #expect(answer.status == 503)
        #expect(try answer.errorCode() == "draining")
    }

    @Test("/table shows generation, digest, variants, ranges, backends and health, whatever characters they hold")
    func table() async throws {
        let bench = try Bench()
        defer { bench.server.stop() }
        #expect(try await bench.get("/table").status == 503)
        let table = try SampleTable.make(generation: 5)
        bench.table.set(table)
        let json = try await bench.get("/table").json()
        #expect(json["generation"] as? Int == 5)
        #expect(UInt64(try #require(json["digest"] as? String), radix: 16) == table.digest)
        let endpoint = try #require((json["endpoints"] as? [[String: Any]])?.first)
        #expect(endpoint["endpoint"] as? String == "fraud")
        #expect((endpoint["routingKey"] as? [String: Any])?["header"] as? String == "x-user-id")
        #expect((endpoint["overrides"] as? [[String: Any]])?.first?["value"] as? String == "in\"side\\r")
        let variants = try #require(endpoint["variants"] as? [[String: Any]])
        #expect(variants.map { $0["name"] as? String } == ["champion", "challenger"])
        #expect(variants[0]["model"] as? String == "fr\"aud")
        #expect(variants[0]["ranges"] as? [[Int]] == [[0, 9000]])
        #expect(variants[0]["buckets"] as? Int == 9000)
        let backends = try variants.map { try #require(($0["backends"] as? [[String: Any]])?.first) }
        #expect(backends[0]["health"] as? String == "unhealthy")
        #expect(backends[0]["lastError"] as? String == "said \"no\"\u{1}\n")
        #expect(backends[0]["addresses"] as? [String] == ["127.0.0.1:9001"])
        #expect(backends[1]["health"] as? String == "unknown")
    }

    @Test("/slow-requests shows each with all that is known of it, and what counts as slow")
    func slowRequests() async throws {
        let bench = try Bench()
        defer { bench.server.stop() }
        let json = try await bench.get("/slow-requests").json()
        #expect(json["slowRequestMs"] as? Double == 100)
        let requests = try #require(json["slowRequests"] as? [[String: Any]])
        #expect(requests.count == 2)
        let first = try #require(requests.first)
        #expect(first["finishedAt"] as? String == "1970-01-01T00:00:01.500Z")
        #expect(first["durationMs"] as? Double == 123.456)
        #expect(first["endpoint"] as? String == "fraud" && first["version"] as? String == "fraud/12")
        #expect(first["requestId"] as? String == "in\"side" && first["error"] is NSNull)
        for key in ["endpoint", "variant", "version", "reason", "backend", "method", "status"] {
            #expect(requests[1][key] is NSNull, "\(key)")
        }
        #expect(requests[1]["error"] as? String == "client_closed")
    }

    @Test("Other paths are 404, other methods 405, other bytes 400, a long head 431, all as JSON")
    func refusals() async throws {
        let bench = try Bench()
        defer { bench.server.stop() }
        let lost = try await bench.get("/metrics/")
        #expect(lost.status == 404)
        #expect(try lost.errorCode() == "not_found")
        let post = try await bench.get("/metrics", method: "POST")
        #expect(post.status == 405)
        #expect(post.head.contains("allow: GET, HEAD"))
        #expect(try post.errorCode() == "method_not_allowed")
        for bytes in [
            "HELLO\r\n\r\n", "GET  /metrics HTTP/1.1\r\n\r\n", "GET metrics HTTP/1.1\r\n\r\n", "\r\n\r\n\r\n",
        ] {
            #expect(try await bench.exchange(bytes).status == 400)
        }
        let long = "GET / HTTP/1.1\r\nx: " + String(repeating: "y", count: 20_000)
        #expect(try await bench.exchange(long).status == 431)
    }

    @Test("HEAD tells the length and sends no body")
    func head() async throws {
        let bench = try Bench()
        defer { bench.server.stop() }
        let answer = try await bench.get("/healthz", method: "HEAD")
        #expect(answer.status == 200)
        #expect(answer.body.isEmpty)
        #expect(answer.head.contains("content-length: 16"))
    }

    @Test("Clients that say nothing are cut, and keep nobody from an answer for longer than that")
    func slowClients() async throws {
        let bench = try Bench()
        defer { bench.server.stop() }
        let silent = try (0..<40).map { _ in try RawClient(port: bench.server.address.port) }
        #expect(try await bench.get("/healthz").status == 200)
        for client in silent { #expect(try await Task.detached { try client.readToEnd() }.value.isEmpty) }
    }

    @Test("An address that is taken is an error that names it")
    func taken() throws {
        let bench = try Bench()
        defer { bench.server.stop() }
        let error = #expect(throws: AdminServerError.self) {
            try AdminServer(
                address: bench.server.address,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                handler: { _, _ in AdminResponse(status: 200, body: "") })
        }
        #expect(error?.message.contains("\(bench.server.address)") == true)
    }

    @Test("After stop nothing answers any more")
    func stopping() async throws {
        let bench = try Bench()
        #expect(try await bench.get("/healthz").status == 200)
        bench.server.stop()
        bench.server.stop()
        let client = try RawClient(port: bench.server.address.port, timeoutSeconds: 1)
        #expect(throws: (any Error).self) {
            let bytes = try client.exchange(Array("GET /healthz HTTP/1.1\r\n\r\n".utf8))
            #expect(bytes.isEmpty)
        }
    }
}
