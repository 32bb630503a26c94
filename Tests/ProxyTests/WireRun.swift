import Glibc
import Logging
import Proxy
import Resources
import Splitting
import TestSupport
import Testing

/// A proxy with small limits before one scorer that keeps every byte, for one message after the other.
final class WireRun {
    let scorer: RecordingScorer
    let proxy: Proxy
    /// How much of the scorer's log was looked at.
    private var seen = 0

    /// - Parameter other: serves an endpoint of its own, `other`.
    init(
        timeoutMilliseconds: Int = 20_000, other: StubScorer? = nil,
        configure: (inout ProxyConfiguration) -> Void = { _ in }
    ) throws {
        scorer = try RecordingScorer()
        var configuration = ProxyConfiguration()
        configuration.port = 0
        configuration.maximumHeadBytes = 2048
        configuration.maximumBodyBytes = 4096
        configure(&configuration)
        proxy = try Proxy(
            configuration: configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let arm = RoutingTable.Arm(
            name: try VariantName(validating: "champion"),
            version: VersionReference(model: try ModelName(validating: "fraud"), version: 1),
            ranges: [BucketRange(0, 10_000)].compactMap { $0 },
            backends: [Backend(host: "127.0.0.1", port: scorer.port)])
        var route = try ProxyFixture.route(endpoint: "fraud", arms: [arm])
        route.routingKey = nil
        route.timeout = Interval(milliseconds: timeoutMilliseconds)
        let others = try other.map { scorer in
            try ProxyFixture.route(
                endpoint: "other", arms: [ProxyFixture.arm("champion", version: 1, [BucketRange(0, 10_000)], [scorer])])
        }
        try proxy.install(
            table: FlatTable(RoutingTable(generation: 1, routes: [route] + (others.map { [$0] } ?? []))))
        try proxy.start()
    }

    deinit {
        proxy.stop()
        scorer.stop()
    }

    /// All but the last byte of the first head in pieces of a byte (or of many, where it is long), the rest at once: the
    /// verdict on a body may depend on what of it came with the head.
    static func inPieces(_ sends: [[UInt8]]) -> [[UInt8]] {
        guard let first = sends.first else { return [] }
        let end = (first.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound ?? first.count) - 1
        let size = max(1, end / 64)
        var pieces = stride(from: 0, to: end, by: size).map { Array(first[$0..<min($0 + size, end)]) }
        pieces.append(Array(first[end...]))
        return pieces + sends.dropFirst()
    }

    // MARK: Requests

    func request(_ one: WireCase, in writes: [[UInt8]]) async throws {
        scorer.script = one.answers.isEmpty ? .init() : .init(pieces: one.answers, ending: one.ending)
        let client = try ScoringClient(port: proxy.boundPort)
        let bodies = one.sends.count - 1
        for (index, write) in writes.enumerated() {
            if index > 0, index >= writes.count - bodies {
                // What was sent so far has reached the scorer before the rest follows.
                let before = seen
                try await eventually("\(one): the beginning is forwarded") { scorer.log.count > before }
            }
            // The proxy may have given its verdict, and closed, before the last piece.
            do { try client.send(write) } catch { break }
        }
        if one.verdicts == ["none"] { client.finishSending() }
        let isHead = one.sends.first?.starts(with: Array("HEAD ".utf8)) ?? false
        for verdict in one.verdicts where verdict != "none" {
            do {
                let answer = try client.answer(isHead: isHead)
                #expect("\(answer.status)" == verdict, "\(one)")
                if let code = Self.codes[verdict] {
                    #expect(answer.text.contains("\"code\":\"\(code)\"") || isHead, "\(one)")
                }
            } catch { Issue.record("\(one): \(verdict) expected, but \(error)") }
        }
        try await expectForwarded(one.forwarded, one)
        try await expectFate(one, client)
    }

    private static let codes = [
        "400": "bad_request", "404": "endpoint_not_found", "413": "body_too_large", "417": "expectation_failed",
        "431": "head_too_large", "505": "http_version_not_supported",
    ]

    private func expectForwarded(_ expected: [UInt8], _ one: WireCase) async throws {
        do {
            try await eventually(deadline: .seconds(5)) {
                Self.withoutIDs(Array(scorer.log[seen...])).count >= expected.count
            }
        } catch {}
        let log = scorer.log
        let received = Self.withoutIDs(Array(log[seen...]))
        #expect(received == expected, "\(one): forwarded was \(Self.shown(received)), not \(Self.shown(expected))")
        seen = log.count
    }

    private func expectFate(_ one: WireCase, _ client: ScoringClient) async throws {
        guard one.staysOpen else {
            #expect(client.isAtEnd(), "\(one): the connection ends")
            return
        }
        try await probe(client, "\(one)")
    }

    /// The connection serves a plain request, whose bytes and no others reach the scorer.
    private func probe(_ client: ScoringClient, _ what: String) async throws {
        do {
            try client.send("GET /fraud/probe HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.answer().text == "ok", "\(what): the connection goes on")
        } catch { Issue.record("\(what): the connection goes on, but \(error)") }
        let log = scorer.log
        let received = Self.withoutIDs(Array(log[seen...]))
        let expected = Array("GET /probe HTTP/1.1\r\nx-request-id: ID\r\nHost: a\r\n\r\n".utf8)
        #expect(received == expected, "\(what): after it came \(Self.shown(received))")
        seen = log.count
    }

    // MARK: Answers

    func answer(_ one: WireCase) async throws {
        scorer.script = .init(pieces: one.answers, held: one.heldAnswers, ending: one.ending)
        let before = proxy.metrics()
        let client = try ScoringClient(port: proxy.boundPort)
        let sends = one.sends.isEmpty ? [Array("GET /fraud/x HTTP/1.1\r\nHost: a\r\n\r\n".utf8)] : one.sends
        let isHead = sends[0].starts(with: Array("HEAD ".utf8))
        for write in sends { try client.send(write) }
        for _ in one.heldAnswers {
            try client.fill()
            scorer.release()
        }
        if let received = one.received {
            try expectReceived(received, client, one)
        } else {
            for verdict in one.verdicts where verdict != "cut" { try expectAnswer(verdict, client, isHead, one) }
        }
        if one.verdicts.last == "cut" {
            #expect(client.isReset(), "\(one): the connection is reset")
        }
        seen = scorer.log.count
        try await expectFate(one, client)
        try await eventually("\(one): counters") { counted(one, since: before) }
        try await eventually("\(one): connections to the scorer end") { self.scorer.openConnections == 0 }
        seen = scorer.log.count
    }

    private func expectAnswer(_ verdict: String, _ client: ScoringClient, _ isHead: Bool, _ one: WireCase) throws {
        do {
            let answer = try client.answer(isHead: isHead)
            if verdict.first?.isNumber == true {
                #expect("\(answer.status)" == verdict, "\(one)")
            } else {
                #expect(answer.status == 502, "\(one)")
                #expect(isHead || answer.text.contains("\"code\":\"\(verdict)\""), "\(one): \(answer.text)")
            }
        } catch { Issue.record("\(one): \(verdict) expected, but \(error)") }
    }

    private func expectReceived(_ expected: [UInt8], _ client: ScoringClient, _ one: WireCase) throws {
        var bytes: [UInt8] = []
        while Self.withoutIdentity(bytes).count < expected.count {
            guard let more = try? client.receive(), !more.isEmpty else { break }
            bytes += more
        }
        let received = Self.withoutIdentity(bytes)
        #expect(received == expected, "\(one): received was \(Self.shown(received)), not \(Self.shown(expected))")
    }

    /// The one request is counted as what became of it, and no other.
    private func counted(_ one: WireCase, since before: ProxyMetricsSnapshot) -> Bool {
        func sum(_ snapshot: ProxyMetricsSnapshot, _ value: (ProxyMetricsSnapshot.Series) -> UInt64) -> UInt64 {
            snapshot.series.reduce(0) { $0 + value($1) }
        }
        let after = proxy.metrics()
        func rise(_ value: (ProxyMetricsSnapshot.Series) -> UInt64) -> UInt64 { sum(after, value) - sum(before, value) }
        let cut = rise { $0.aborted["truncated", default: 0] }
        let faults = rise {
            $0.turnoutErrors["bad_answer", default: 0] + $0.turnoutErrors["backend_closed", default: 0]
        }
        let answers = rise { $0.answers2xx + $0.answers3xx + $0.answers4xx + $0.answers5xx }
        let probes: UInt64 = one.staysOpen ? 1 : 0
        switch one.verdicts.last {
        case "cut": return cut == 1 && faults == 1 && answers == probes
        case "bad_answer", "backend_closed": return cut == 0 && faults == 1 && answers == 1 + probes
        default: return cut == 0 && faults == 0 && answers == 1 + probes
        }
    }

    // MARK: Ends

    /// What the scorer got so far is of no more interest.
    func forget() { seen = scorer.log.count }

    /// Nothing came late, and the scorer never saw more requests than the proxy counted.
    func finish() async throws {
        let client = try ScoringClient(port: proxy.boundPort)
        try await probe(client, "the end")
        try await eventually("no more requests are seen than counted") {
            let counted = proxy.metrics().series.reduce(UInt64(0)) {
                $0 + $1.answers2xx + $1.answers3xx + $1.answers4xx + $1.answers5xx + $1.aborted.values.reduce(0, +)
            }
            return UInt64(scorer.requestCount) <= counted
        }
    }

    /// With `x-request-id: ID` for every id that the proxy made, and without the time and the trace that it adds.
    private static func withoutIDs(_ bytes: [UInt8], isForwarded: Bool = true) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        let name = Array("\r\nx-request-id: ".utf8)
        let timeout = Array("\r\nx-request-timeout-ms: ".utf8)
        let trace = Array("\r\ntraceparent: ".utf8)
        while let found = rest.firstRange(of: name) {
            result += rest[..<found.upperBound]
            rest = rest[found.upperBound...]
            let value = rest.prefix { $0 != 13 }
            let isMade = value.count == 32 && value.allSatisfy { ($0 &- 0x30 < 10) || ($0 &- 0x61 < 6) }
            result += isMade ? Array("ID".utf8) : Array(value)
            rest = rest.dropFirst(value.count)
            // What is left of the endpoint's time, which the proxy adds behind the id.
            if rest.starts(with: timeout) {
                rest = rest.dropFirst(timeout.count).drop { $0 &- 0x30 < 10 || $0 == 0x20 }
            }
            guard isForwarded else { continue }
            // A trace that begins here, as it does in every request of the corpus.
            let line = rest.prefix(70)
            if line.starts(with: trace), TraceParent(String(decoding: line.dropFirst(15), as: UTF8.self)) != nil {
                rest = rest.dropFirst(70)
            } else {
                result += Array("\r\n(no traceparent)".utf8)
            }
        }
        return result + rest
    }

    /// With `IDENTITY` for the lines by which the proxy says who answered; lines of a scorer's stay.
    private static func withoutIdentity(_ bytes: [UInt8]) -> [UInt8] {
        let marked = withoutIDs(bytes, isForwarded: false)
        let block = Array(
            """
            x-turnout-endpoint: fraud\r
            x-turnout-variant: champion\r
            x-turnout-version: fraud/1\r
            x-turnout-reason: no-key\r
            x-turnout-attempts: 1\r
            x-turnout-generation: 1\r
            x-request-id: ID\r

            """.utf8)
        guard let found = marked.firstRange(of: block) else { return marked }
        return marked[..<found.lowerBound] + Array("IDENTITY\r\n".utf8) + marked[found.upperBound...]
    }

    static func shown(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.prefix(600), as: UTF8.self).debugDescription
    }
}
