import Glibc
import Proxy
import TestSupport
import Testing

extension ServingTests {
    /// Scorers that break off, answer too early, or never stop. What they answer in no valid way: `Corpus/answers.txt`.
    @Suite struct HostileScorerTests {
        /// The body's end is where the answer is whole.
        private static let answers = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n",
        ]

        @Test(
            "A scorer that closes or resets its connection anywhere in an answer gives 502, or a cut that can't be overseen",
            arguments: answers.indices, [RecordingScorer.Ending.closes, .resets])
        func breaksOff(index: Int, ending: RecordingScorer.Ending) async throws {
            let run = try WireRun { $0.maximumIdlePerBackend = 0 }
            let answer = Array(Self.answers[index].utf8)
            let headEnd = try #require(answer.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
            for count in 0..<answer.count {
                run.scorer.script = .init(pieces: [Array(answer[..<count])], ending: ending)
                let client = try ScoringClient(port: run.proxy.boundPort)
                try client.send("GET /fraud/x HTTP/1.1\r\nHost: a\r\n\r\n")
                if count < headEnd {
                    let fault = try client.answer()
                    #expect(fault.status == 502 && fault.text.contains("backend_closed"), "after \(count) bytes")
                    run.scorer.script = .init()
                    try client.send("GET /fraud/x HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try client.answer().text == "ok", "after \(count) bytes")
                } else {
                    // A reset may overtake what the scorer sent; then nothing was seen of the answer.
                    let isWhole = (try? client.answer()).map { $0.status != 502 } ?? false
                    #expect(!isWhole, "after \(count) bytes")
                }
            }
            run.forget()
            try await run.finish()
        }

        @Test("An answer before the request's end reaches the client, whose connection ends with it")
        func early() async throws {
            let run = try WireRun()
            run.scorer.script.answersEarly = true
            run.scorer.script.pieces = [Array("HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno".utf8)]
            let client = try ScoringClient(port: run.proxy.boundPort)
            try client.send("POST /fraud/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3000\r\n\r\nbeginning")
            let answer = try client.answer()
            #expect(answer.status == 413)
            #expect(answer["connection"] == "close")
            #expect(client.isAtEnd())
            // What is left of the request is not taken for another one, by whoever is asked next.
            try await eventually { run.scorer.openConnections == 0 }
            run.scorer.script = .init()
            let next = try ScoringClient(port: run.proxy.boundPort)
            try next.send("GET /fraud/x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try next.answer().text == "ok")
        }

        @Test("What a scorer sends late after an answer without a body is no one's answer")
        func lateBody() async throws {
            let run = try WireRun()
            let late = Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil".utf8)
            for head in [
                "HTTP/1.1 204 No Content\r\nContent-Length: \(late.count)\r\n\r\n",
                "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
            ] {
                run.scorer.script = .init(pieces: [Array(head.utf8)], held: [late])
                let client = try ScoringClient(port: run.proxy.boundPort)
                try client.send("GET /fraud/x HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try client.answer()
                #expect(answer.status == 204)
                #expect(answer["content-length"] == nil && answer["transfer-encoding"] == nil)
                run.scorer.script = .init()
                run.scorer.release()
                try client.send("GET /fraud/x HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.answer().text == "ok")
            }
        }

        @Test("A scorer that hangs within a head or a body costs its endpoint's time and no memory, and harms no other")
        func hangs() async throws {
            let healthy = try StubScorer(version: "2")
            defer { healthy.stop() }
            let run = try WireRun(timeoutMilliseconds: 300, other: healthy)
            for text in [
                "", "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
            ] {
                run.scorer.script.pieces = [Array(text.utf8)]
                let client = try ScoringClient(port: run.proxy.boundPort)
                try client.send("GET /fraud/x HTTP/1.1\r\nHost: a\r\n\r\nGET /other/x HTTP/1.1\r\nHost: a\r\n\r\n")
                var answer = try client.answer()
                if answer.status == 100 { answer = try client.answer() }
                #expect(answer.status == 504, "\(text)")
                #expect(try client.answer().text.contains("\"version\":\"2\""), "\(text)")
            }
            run.scorer.script.pieces = [Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel".utf8)]
            let client = try ScoringClient(port: run.proxy.boundPort)
            try client.send("GET /fraud/x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(throws: (any Error).self) { try client.answer() }
            try await eventually { run.proxy.metrics().clientConnections == 0 }
            let series = try #require(
                run.proxy.metrics().series.first { $0.variant == "champion" && $0.endpoint == "fraud" })
            #expect(series.turnoutErrors["timeout"] == 5)
            #expect(series.aborted["truncated"] == 1)
        }
    }
}
