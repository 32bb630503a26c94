import Foundation
import TestSupport
import Testing

/// One endpoint of a proxy is attacked; the other one's clients must not notice, and memory stays within what is stated.
@Suite("Under fire", .serialized)
struct UnderFireTests {
    @Test("2,000 half-sent heads cost at most 12 KiB each, are answered 408 in time, and harm nobody else")
    func slowHeads() async throws {
        try await AttackedProxy.with { target in
            let before = try target.resident()
            let attackers = try Attackers(
                target.port, 2000, sending: "POST /fraud/score HTTP/1.1\r\nhost: a\r\nx-slow: ")
            try await target.holds(connections: 2000)
            try target.checkNeighbour()
            #expect(try (target.resident() - before) / 2000 <= 12 << 10)
            // They keep the connection busy with a byte now and then, which must not give them more time.
            attackers.sendAgain("a")
            try await eventually(deadline: .seconds(60), "the last one's end") {
                try target.checkNeighbour()
                attackers.sendAgain("a")
                return try await target.metric("turnout_proxy_connections") < 100
            }
            #expect(try await target.metric("turnout_proxy_errors_total", #"code="header_timeout""#) == 2000)
            #expect(attackers.answers(of: 10).allSatisfy { $0.hasPrefix("HTTP/1.1 408 ") })
        }
    }

    @Test("Half-sent bodies are given up after the endpoint's time, and harm nobody else")
    func slowBodies() async throws {
        try await AttackedProxy.with { target in
            let attackers = try Attackers(
                target.port, 200, sending: "POST /fraud/score HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{")
            try await eventually(deadline: .seconds(60), "the last one's end") {
                try target.checkNeighbour()
                return try await target.metric("turnout_proxy_errors_total", #"code="request_timeout""#) == 200
            }
            #expect(attackers.answers(of: 10).allSatisfy { $0.hasPrefix("HTTP/1.1 408 ") })
        }
    }

    @Test("10,000 idle connections cost at most 2 KiB each, and a client beside them is served")
    func idle() async throws {
        try await AttackedProxy.with { target in
            // What the first connections cost once is not theirs.
            _ = try Attackers(target.port, 100, sending: "")
            try await target.holds(connections: 0)
            let before = try target.resident()
            var attackers: Attackers? = try Attackers(target.port, 10_000, sending: "")
            try await target.holds(connections: 10_000)
            try target.checkNeighbour()
            let cost = try (target.resident() - before) / 10_000
            #expect(cost <= 2 << 10)
            #expect(attackers != nil)
            attackers = nil
            try await target.holds(connections: 0)
            try target.checkNeighbour()
        }
    }

    @Test("Clients that read no answer, and a scorer that reads no body, hold a buffer each and no more")
    func fullBuffers() async throws {
        try await AttackedProxy.with { target in
            target.scorer.behaviour.bodyBytes = 4 << 20
            let before = try target.resident()
            let readers = try Attackers(target.port, 24, sending: "GET /fraud/score HTTP/1.1\r\nhost: a\r\n\r\n")
            let writers = try Attackers(
                target.port, 24, sending: "POST /deaf/score HTTP/1.1\r\nhost: a\r\ncontent-length: 40000000\r\n\r\n")
            let piece = String(repeating: "x", count: 100_000)
            try await eventually(deadline: .seconds(60), "every scorer was asked") {
                writers.sendAgain(piece)
                return target.scorer.requestCount >= 24
            }
            for _ in 0..<100 { writers.sendAgain(piece) }
            try target.checkNeighbour()
            // A buffer has 80 KiB; each side may have one waiting in each direction.
            #expect(try target.resident() - before <= 48 * 2 * 80 << 10)
            try await eventually(deadline: .seconds(60), "all of them were given up") {
                try target.checkNeighbour()
                return try await target.metric("turnout_proxy_connections") <= 2
            }
            #expect(writers.answers(of: 1).allSatisfy { $0.isEmpty || $0.hasPrefix("HTTP/1.1 504 ") })
            #expect(readers.count == 24)
        }
    }
}
