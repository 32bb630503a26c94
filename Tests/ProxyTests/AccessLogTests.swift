import Foundation
import Proxy
import Resources
import Splitting
import TestSupport
import Testing

extension ServingTests {
    @Suite struct AccessLogTests {
        /// A proxy that logs into a directory of its own.
        private final class Bench {
            let directory: String
            let scorer: StubScorer
            let proxy: Proxy
            var path: String { directory + "/access.log" }

            init(at path: String? = nil, sample: Double = 1, rate: Int = 10_000, threads: Int = 1) throws {
                directory = NSTemporaryDirectory() + "access-log-\(UUID().uuidString)"
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                scorer = try StubScorer(version: "1")
                var log = AccessLogConfiguration(path: path ?? directory + "/access.log")
                log.sample = sample
                log.rate = rate
                proxy = try ProxyFixture.proxy(
                    over: [scorer],
                    configure: {
                        $0.accessLog = log
                        $0.threads = threads
                    }, route: { $0.retry = .init(attempts: 0) })
            }

            deinit {
                proxy.stop()
                scorer.stop()
                try? FileManager.default.removeItem(atPath: directory)
            }

            /// - Returns: the ids that the requests had.
            func ask(_ count: Int, status: Int = 200) throws -> [String] {
                let client = try ScoringClient(port: proxy.boundPort)
                return try (0..<count).map { _ in
                    try client.send(request())
                    let answer = try client.answer()
                    #expect(answer.status == status)
                    return try #require(answer["x-request-id"])
                }
            }

            func lines(of path: String? = nil) throws -> [[String: Any]] {
                guard let bytes = FileManager.default.contents(atPath: path ?? self.path) else { return [] }
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(text.isEmpty || text.hasSuffix("\n"))
                return try text.split(separator: "\n").map { line in
                    try #require(
                        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
                }
            }

            func ids(of path: String? = nil) throws -> [String] {
                try lines(of: path).map { try #require($0["requestId"] as? String) }
            }

            func dropped(_ reason: String) -> UInt64 { proxy.metrics().accessLogDropped[reason, default: 0] }
        }

        @Test("With a sample of 1 every request has one line, failed and refused ones too, and its trace says so")
        func everyRequest() async throws {
            let bench = try Bench(threads: 2)
            var ids: [String] = []
            for _ in 0..<10 { ids += try bench.ask(20) }
            let traces = bench.scorer.received.compactMap { $0.values("traceparent").first.flatMap(TraceParent.init) }
            #expect(traces.count == 200 && traces.allSatisfy { $0.flags == "01" })
            bench.scorer.behaviour.status = 503
            ids += try bench.ask(3, status: 503)
            let client = try ScoringClient(port: bench.proxy.boundPort)
            for text in [request("/nobody/x"), "nonsense\r\n\r\n"] {
                try client.send(text)
                ids.append(try #require(try client.answer()["x-request-id"]))
            }
            try await eventually("all are written") { bench.proxy.metrics().accessLogLines == UInt64(ids.count) }
            bench.proxy.stop()
            #expect(try bench.ids().sorted() == ids.sorted())
            #expect(bench.proxy.metrics().accessLogDropped.values.allSatisfy { $0 == 0 })
            let statuses = try bench.lines().compactMap { $0["status"] as? Int }
            #expect(statuses.sorted() == Array(repeating: 200, count: 200) + [400, 404, 503, 503, 503])
        }

        @Test("A line has exactly the fields that the docs name, in their order, and what they are said to hold")
        func fields() throws {
            let bench = try Bench()
            let client = try ScoringClient(port: bench.proxy.boundPort)
            let trace = "0af7651916cd43dd8448eb211c80319c"
            try client.send(
                request(headers: ["x-request-id: a/b=1", "traceparent: 00-\(trace)-b7ad6b7169203331-00"], body: "123"))
            let answered = try client.answer()
            let before = Date()
            bench.proxy.stop()
            let text = try #require(FileManager.default.contents(atPath: bench.path)).map { $0 }
            let line = try #require(try bench.lines().first)
            let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
                "../../docs/proxy.md")
            let documented = try String(contentsOf: docs, encoding: .utf8).split(separator: "\n")
                .drop { !$0.hasPrefix("| field |") }.dropFirst(2).prefix { $0.hasPrefix("| `") }
                .flatMap {
                    $0.split(separator: "|")[0].split(separator: "`").map(String.init).filter {
                        $0.first?.isLetter ?? false
                    }
                }
            let written = String(decoding: text, as: UTF8.self).split(separator: "\"").map(String.init)
            #expect(Set(line.keys) == Set(documented) && documented.count == line.count)
            #expect(written.filter(Set(documented).contains) == documented)

            let finished = try #require((line["finishedAt"] as? String).flatMap(Timestamp.init(parsing:)))
            #expect((line["finishedAt"] as? String)?.count == "2026-11-01T10:00:00.000Z".count)
            #expect(abs(Double(finished.microseconds) / 1e6 - before.timeIntervalSince1970) < 60)
            let expected: [String: String] = [
                "endpoint": "fraud", "variant": "champion", "version": "fraud/1", "reason": "split",
                "backend": Backend(host: "127.0.0.1", port: bench.scorer.port).description, "method": "POST",
                "traceId": trace, "requestId": "a/b=1",
            ]
            for (key, value) in expected { #expect(line[key] as? String == value, "\(key)") }
            #expect(line["status"] as? Int == 200 && line["attempts"] as? Int == 1 && line["error"] is NSNull)
            #expect(line["requestBytes"] as? Int == 3)
            #expect(try #require(line["answerBytes"] as? Int) > answered.body.count)
            #expect(try #require(line["durationMs"] as? Double) > 0)
        }

        @Test("With a sample of 0 failed requests have a line, and no others") func failedOnly() throws {
            let bench = try Bench(sample: 0)
            _ = try bench.ask(50)
            bench.scorer.behaviour.status = 500
            var failed = try bench.ask(3, status: 500)
            bench.scorer.stop()
            failed += try bench.ask(2, status: 502)
            bench.proxy.stop()
            #expect(try bench.ids() == failed)
            #expect(
                try bench.lines().map { $0["error"] as? String } == [nil, nil, nil, "connect_failed", "connect_failed"])
        }

        @Test("No more lines are written than the rate allows, and those left out are counted") func rate() throws {
            let bench = try Bench(rate: 3)
            let start = ContinuousClock.now
            let ids = try bench.ask(200)
            bench.proxy.stop()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let metrics = bench.proxy.metrics()
            #expect(metrics.accessLogLines >= 3 && Double(metrics.accessLogLines) <= 3 + 3 * seconds + 1)
            #expect(metrics.accessLogLines + bench.dropped("rate") == 200)
            let logged = try bench.ids()
            #expect(logged.prefix(3) == ids.prefix(3) && Set(logged).isSubset(of: ids))
        }

        @Test("A log that is renamed or removed goes on in a new file") func rotation() async throws {
            let bench = try Bench()
            var ids = try bench.ask(5)
            try await eventually("they are written") { try bench.ids() == ids }
            try FileManager.default.moveItem(atPath: bench.path, toPath: bench.path + ".1")
            try await eventually("there is a new file") { FileManager.default.fileExists(atPath: bench.path) }
            let fresh = try bench.ask(5)
            try await eventually("the new file is written") { try bench.ids() == fresh }
            #expect(try bench.ids(of: bench.path + ".1") == ids)
            try FileManager.default.removeItem(atPath: bench.path)
            try await eventually("there is a new file again") { FileManager.default.fileExists(atPath: bench.path) }
            // Emptied in its place, as logrotate's copytruncate does.
            ids = try bench.ask(2)
            try await eventually("the third file is written") { try bench.ids() == ids }
            try #require(FileHandle(forWritingAtPath: bench.path)).truncate(atOffset: 0)
            let last = try bench.ask(2)
            bench.proxy.stop()
            #expect(try bench.ids() == last)
        }

        @Test("A full disk costs lines and nothing else") func fullDisk() async throws {
            let bench = try Bench(at: "/dev/full")
            _ = try bench.ask(100)
            try await eventually("all are counted") { bench.dropped("write") == 100 }
            #expect(bench.proxy.metrics().accessLogLines == 0)
            _ = try bench.ask(100)
        }

        @Test("A pipe whose reader is slow, or gone, costs lines and nothing else") func pipe() async throws {
            let path = NSTemporaryDirectory() + "access-log-\(UUID().uuidString)"
            #expect(mkfifo(path, 0o600) == 0)
            defer { unlink(path) }
            let reader = open(path, O_RDONLY | O_NONBLOCK)
            let bench = try Bench(at: path, rate: 1_000_000)
            let ids = try bench.ask(1000)
            try await eventually("the pipe is full, and all are written or counted") {
                let metrics = bench.proxy.metrics()
                return bench.dropped("write") > 0
                    && metrics.accessLogLines + metrics.accessLogDropped.values.reduce(0, +) == 1000
            }
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            func readAll() {
                while case let count = read(reader, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
            }
            readAll()
            let later = try bench.ask(1)
            try await eventually("lines are written again") {
                readAll()
                return String(decoding: bytes, as: UTF8.self).contains(later[0])
            }
            // A line that was cut short is a line of its own.
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            let whole = lines.filter { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil }
            #expect(lines.count - whole.count <= 1 && whole.count > 1)
            #expect(whole.last?.contains(later[0]) == true && whole.first?.contains(ids[0]) == true)
            close(reader)
            let before = bench.dropped("write")
            _ = try bench.ask(10)
            try await eventually("nobody reads") { bench.dropped("write") == before + 10 }
        }

        @Test("An access log that can't be opened is refused before anything listens") func unusable() throws {
            #expect {
                _ = try Bench(at: "/nowhere/access.log")
            } throws: { error in
                guard let fault = error as? TurnoutError else { return false }
                return fault.code == .invalid && fault.message.contains("'/nowhere/access.log'")
            }
        }
    }
}
