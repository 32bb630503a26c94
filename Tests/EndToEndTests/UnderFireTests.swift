import Foundation
import TestSupport
import Testing

/// One endpoint of a proxy is attacked; the other one's clients must not notice, and memory stays within what is stated.
@Suite("Under fire", .serialized)
struct UnderFireTests {
    @Test("2,000 half-sent heads cost at most 12 KiB each, are answered 408 in time, and harm nobody else")
    func slowHeads() async throws {
        try await withProxy { target in
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
        try await withProxy { target in
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
        try await withProxy { target in
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
        try await withProxy { target in
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

    // MARK: What is attacked

    private struct Target {
        let process: TurnoutProcess
        let port: Int
        let admin: Int
        /// Of the endpoint under attack.
        let scorer: StubScorer

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
    }

    private func withProxy(_ body: (Target) async throws -> Void) async throws {
        try Self.allowDescriptors()
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
                      timeout: \(name == "credit" ? "20s" : "4s")
                      variants: [{ name: only, model: \(name)/1, traffic: 100, backends: ["http://\(authority)"] }]

                    """, to: "\(name).yaml")
            }
            let (port, admin) = (try LoopbackPort.reserve(), try LoopbackPort.reserve())
            let process = try TurnoutProcess(
                [
                    "proxy", "--static", scratch.endpoints, "--threads", "1", "--proxy", "127.0.0.1:\(port)",
                    "--admin", "127.0.0.1:\(admin)",
                ], outputFile: scratch.file("proxy.log"))
            let target = Target(process: process, port: port, admin: admin, scorer: scorer)
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
                bind(descriptor, $0, $1) == 0 && listen(descriptor, 1000) == 0
            }
            try #require(isListening)
        }

        func stop() { close(descriptor) }
    }
}

/// Connections that send something, and then what the test says.
private final class Attackers {
    private let descriptors: [Int32]

    init(_ port: Int, _ count: Int, sending text: String) throws {
        var descriptors: [Int32] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var size: Int32 = 4096
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            let isConnected = Self.withAddress(port) { connect(descriptor, $0, $1) == 0 }
            guard isConnected else { throw EndToEndFailure("connection \(descriptors.count): errno \(errno)") }
            descriptors.append(descriptor)
        }
        self.descriptors = descriptors
        if !text.isEmpty { sendAgain(text) }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    var count: Int { descriptors.count }

    /// As much as the kernel takes.
    func sendAgain(_ text: String) {
        let bytes = Array(text.utf8)
        for descriptor in descriptors {
            send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
    }

    /// What came on the last of the connections.
    func answers(of count: Int) -> [String] {
        descriptors.suffix(count).map { descriptor in
            var bytes = [UInt8](repeating: 0, count: 1000)
            let received = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return String(decoding: bytes.prefix(max(0, received)), as: UTF8.self)
        }
    }

    static func withAddress<Result>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
