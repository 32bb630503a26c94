import Foundation
import TestSupport
import Testing

@Suite("When something runs out")
struct ExhaustionTests {
    @Test("a proxy without a descriptor left tells new clients so, serves those it has, and takes new ones again")
    func descriptors() async throws {
        try await withStaticProxy { proxy, port, scorer, served in
            let pid = proxy.processIdentifier
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
            try limitDescriptors(of: pid, to: open + 4)
            var clients = try (0..<20).map { _ in try ScoringConnection(port: port) }
            try await eventually("a client is told") {
                try clients.contains { try $0.hasAnswer && $0.read().status == 503 }
            }
            #expect(try served.score(path: "/fraud/score").status == 200)

            clients = []
            try await eventually("new clients are served again") {
                (try? ScoringConnection(port: port).score(path: "/fraud/score").status) == 200
            }
        }
    }

    @Test("what a scorer says unasked just before the next request is not that request's answer")
    func unaskedAnswer() async throws {
        try await withStaticProxy { proxy, port, scorer, client in
            proxy.send(SIGSTOP)
            try await eventually("the proxy stands still") { try state(of: proxy.processIdentifier) == "T" }
            // So that it finds the request and, behind it, what came on the idle connection when it goes on.
            try client.ask(path: "/fraud/score")
            scorer.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            proxy.send(SIGCONT)
            let answer = try client.read()
            #expect(answer.status == 200)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("fraud/1"))
            #expect(scorer.requestCount == 2)
        }
    }

    /// Runs a proxy of one thread with one scorer and a client that it has served once.
    private func withStaticProxy(
        _ body: (TurnoutProcess, _ port: Int, StubScorer, ScoringConnection) async throws -> Void
    ) async throws {
        try await Scratch.with { scratch in
            let scorer = try StubScorer(version: "fraud/1")
            defer { scorer.stop() }
            try scratch.write(
                endpointFile(champion: scorer.authority, challenger: scorer.authority, traffic: "10"), to: "fraud.yaml")
            let (port, admin) = (try LoopbackPort.reserve(), try LoopbackPort.reserve())
            let proxy = try TurnoutProcess(
                [
                    "proxy", "--static", scratch.endpoints, "--threads", "1", "--proxy", "127.0.0.1:\(port)",
                    "--admin", "127.0.0.1:\(admin)", "--data", scratch.file("proxy").path,
                ], outputFile: scratch.file("proxy.log"))
            var first: ScoringConnection?
            try await eventually("the proxy answers, \(proxy.output())") {
                let connection = try? ScoringConnection(port: port)
                first = connection
                return try connection?.score(path: "/fraud/score").status == 200
            }
            try await body(proxy, port, scorer, try #require(first))
            // Before it says so, a signal ends it as any program.
            try await eventually("it can be told to end") { proxy.output().contains("The proxy is ready") }
            proxy.send(SIGTERM)
            #expect(try await proxy.waitForExit() == 0, "\(proxy.output())")
        }
    }

    /// One letter, as in the third field of `/proc/PID/stat`.
    private func state(of process: Int32) throws -> Substring? {
        let status = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return status.split(separator: ")").last?.split(separator: " ").first
    }

    private func limitDescriptors(of process: Int32, to count: Int) throws {
        let limiting = try Process.run(
            URL(filePath: "/usr/bin/prlimit"), arguments: ["--pid", "\(process)", "--nofile=\(count):\(count)"])
        limiting.waitUntilExit()
        #expect(limiting.terminationStatus == 0)
    }
}
