import Foundation
import TestSupport
import Testing

/// A proxy in a process of its own with two endpoints that are attacked, `fraud` and `deaf`, and a neighbour, `credit`.
struct AttackedProxy {
    let process: TurnoutProcess
    let port: Int
    let admin: Int
    /// Of the endpoint under attack.
    let scorer: StubScorer

    /// What counts against a memory limit, in bytes.
    func held() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        return try #require(
            line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }) << 10
    }

    /// In bytes.
    func resident() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/\(process.processIdentifier)/statm", encoding: .utf8)
            .split(separator: " ")
        return (Int(pages[1]) ?? 0) * 4096
    }

    func checkNeighbour() throws {
        let connection = try ScoringConnection(port: port)
        for _ in 0..<3 { #expect(try connection.score(path: "/credit/score").status == 200) }
    }

    /// A metric's value, or the sum over all series that have the label.
    func metric(_ name: String, _ label: String? = nil) async throws -> Int {
        guard let page = await get("http://127.0.0.1:\(admin)/metrics"), page.status == 200 else {
            throw EndToEndFailure("no metrics")
        }
        let series = page.body.split(separator: "\n").filter { line in
            label.map { line.hasPrefix(name + "{") && line.contains($0) } ?? line.hasPrefix(name + " ")
        }
        return series.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0) { $0 + Int($1) }
    }

    func holds(connections: Int) async throws {
        var held = -1
        do {
            try await eventually(deadline: .seconds(30)) {
                held = try await metric("turnout_proxy_connections")
                return held == connections
            }
        } catch {
            throw EndToEndFailure("the proxy holds \(held) connections, not \(connections): \(process.output())")
        }
    }

    /// - Parameters:
    ///   - arguments: of the proxy, besides.
    ///   - timeout: of the endpoints under attack.
    static func with(
        _ arguments: [String] = [], timeout: String = "4s", _ body: (AttackedProxy) async throws -> Void
    ) async throws {
        try allowDescriptors()
        try await Scratch.with { scratch in
            let scorer = try StubScorer(version: "fraud/1")
            let neighbour = try StubScorer(version: "credit/1")
            let deaf = try DeafScorer()
            defer {
                scorer.stop()
                neighbour.stop()
                deaf.stop()
            }
            for (name, authority) in [
                ("fraud", scorer.authority), ("credit", neighbour.authority), ("deaf", "127.0.0.1:\(deaf.port)"),
            ] {
                try scratch.write(
                    """
                    apiVersion: turnout/v1
                    kind: Endpoint
                    metadata: { name: \(name) }
                    spec:
                      timeout: \(name == "credit" ? "20s" : timeout)
                      variants: [{ name: only, model: \(name)/1, traffic: 100, backends: ["http://\(authority)"] }]

                    """, to: "\(name).yaml")
            }
            let (port, admin) = (try LoopbackPort.reserve(), try LoopbackPort.reserve())
            let process = try TurnoutProcess(
                [
                    "proxy", "--static", scratch.endpoints, "--threads", "1", "--proxy", "127.0.0.1:\(port)",
                    "--admin", "127.0.0.1:\(admin)",
                ] + arguments, outputFile: scratch.file("proxy.log"))
            let target = AttackedProxy(process: process, port: port, admin: admin, scorer: scorer)
            try await isReady("http://127.0.0.1:\(admin)/readyz", process, "the proxy")
            try target.checkNeighbour()
            try await body(target)
            try process.mustRun(as: "the proxy")
            process.send(SIGTERM)
            #expect(try await process.waitForExit(within: .seconds(60)) == 0, "\(process.output())")
        }
    }

    /// For this process, which has the attackers' ends, and those that it starts.
    private static func allowDescriptors() throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = min(limit.rlim_max, 50_000)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        try #require(limit.rlim_cur >= 12_000, "this machine allows a process \(limit.rlim_cur) open files")
    }

    /// Listens, and reads nothing of what comes.
    private struct DeafScorer {
        let descriptor: Int32
        let port: Int

        init() throws {
            port = try LoopbackPort.reserve()
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var one: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
            let port = port
            let descriptor = descriptor
            let isListening = Attackers.withAddress(port) {
                bind(descriptor, $0, $1) == 0 && listen(descriptor, 4096) == 0
            }
            try #require(isListening)
        }

        func stop() { close(descriptor) }
    }
}
