import Foundation
import TestSupport
import Testing

/// A proxy with little memory, which clients fill.
@Suite("Short of memory", .serialized)
struct ShortOfMemoryTests {
    private static let limit = 64 << 20
    private static let arguments = ["--memory-limit", "64MiB"]

    @Test(
        "Half-sent bodies fill no more than the limit, meanwhile others get 503 at once, and once they are gone 200 again"
    )
    func bodies() async throws {
        try await AttackedProxy.with(Self.arguments, timeout: "5m") { target in
            let before = try target.held()
            var attackers: Attackers? = try Attackers(
                target.port, 2000, sending: "POST /deaf/score HTTP/1.1\r\nhost: a\r\ncontent-length: 900000\r\n\r\n")
            let piece = String(repeating: "x", count: 10_000)
            try await eventually(deadline: .seconds(60), "new requests are refused") {
                attackers?.sendAgain(piece)
                try checkBound(target)
                let answer = try ScoringConnection(port: target.port).score(path: "/credit/score")
                if answer.status == 200 { return false }
                #expect(answer.status == 503)
                #expect(String(decoding: answer.body, as: UTF8.self).contains("memory_pressure"))
                // Short for as long as what it had to spare lasts, and then for good.
                let readiness = await get("http://127.0.0.1:\(target.admin)/readyz")
                return readiness?.status == 503 && readiness?.body.contains("memory_pressure") == true
            }
            #expect(await get("http://127.0.0.1:\(target.admin)/healthz")?.status == 200)
            #expect(try await target.metric("turnout_proxy_errors_total", #"code="memory_pressure""#) > 0)
            // They go on, and the more they send the fewer of them are left.
            for _ in 0..<40 {
                attackers?.sendAgain(piece)
                try checkBound(target)
            }

            attackers = nil
            try await serves(target)
            try await eventually(deadline: .seconds(60), "what they held is given back") {
                try target.held() < before + (10 << 20)
            }
        }
    }

    @Test("Half-sent heads fill no more than the limit, and are answered 503 when it is near")
    func heads() async throws {
        try await AttackedProxy.with(Self.arguments) { target in
            // Just short of as long as a head may be.
            let lines = "x-line: " + String(repeating: "x", count: 15_000) + "\r\n"
            let attackers = try Attackers(
                target.port, 6000, sending: "POST /fraud/score HTTP/1.1\r\nhost: a\r\n" + lines)
            try await eventually(deadline: .seconds(60), "heads are refused") {
                try checkBound(target)
                return try await target.metric("turnout_proxy_errors_total", #"code="memory_pressure""#) >= 1000
            }
            try await serves(target)
            #expect(attackers.count == 6000)
        }
    }

    private func checkBound(_ target: AttackedProxy) throws {
        let (held, limit) = (try target.held() >> 10, Self.limit >> 10)
        #expect(held <= limit)
    }

    /// Without a restart.
    private func serves(_ target: AttackedProxy) async throws {
        try await eventually(deadline: .seconds(60), "there is enough memory again") {
            try await target.metric("turnout_proxy_memory_pressure") == 0
        }
        try target.checkNeighbour()
    }
}
