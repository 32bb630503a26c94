import ControlAPI
import ControlAPITestSupport
import ControlAPITypes
import ControlPlane
import Foundation
import Proxy
import RegistryStore
import Resources
import Signals
import Splitting
import Synchronization
import TestSupport
import Testing

@testable import ServerApp

@Suite("A proxy whose place another process asks for")
struct TakeoverTests {
    @Test("goes on when that one dies before it serves, and follows its control plane again")
    func survivesItsSuccessor() async throws {
        try await withControlledProxy { proxy in
            try await proxy.serves(generation: 7)
            for generation in 8...10 {
                let offered = try await proxy.ask()
                #expect(offered.message.step == .offer)
                #expect(offered.message.generation == generation - 1)
                #expect(offered.descriptors.count == TakeoverMessage.otherDescriptors + 1)
                proxy.publish(UInt64(generation))
                // As the kernel does for a process that is killed.
                for descriptor in offered.descriptors { close(descriptor) }
                offered.channel.shutDown()
                try await proxy.serves(generation: generation)
                #expect(try proxy.connect().score(path: "/fraud/score").status == 404)
            }
        }
    }

    @Test("says nothing to its control plane while the other begins, and ends once that one serves")
    func leavesOnce() async throws {
        try await withControlledProxy { proxy in
            try await proxy.serves(generation: 7)
            let offered = try await proxy.ask()
            defer { for descriptor in offered.descriptors { close(descriptor) } }
            let reports = proxy.reportCount.load(ordering: .relaxed)
            proxy.publish(8)
            // Until it is told to go, the old one serves.
            #expect(try proxy.connect().score(path: "/fraud/score").generation == 7)
            try TakeoverMessage(.serving).send(on: offered.channel)
            let answer = try await answer(on: offered.channel).message
            #expect(answer.step == .release)
            try await eventually("the old one's end") { proxy.hasEnded.load(ordering: .acquiring) }
            #expect(proxy.reportCount.load(ordering: .relaxed) == reports)
            // Nobody accepts, and nobody is refused: this connection waits at the listener that was handed over.
            _ = try proxy.connect()
            #expect(accept(offered.descriptors[TakeoverMessage.otherDescriptors], nil, nil) >= 0)
            #expect(try DataLock.take(proxy.directory) == nil, "the lock was handed over too")
        }
    }

    @Test("refuses a process of another version, or one that is told other addresses, and says why")
    func refuses() async throws {
        try await withControlledProxy { proxy in
            try await proxy.serves(generation: 7)
            let answer = try await say(Array(#"{"takeover":2,"step":"ask"}"#.utf8), to: proxy.directory).message
            #expect(answer.step == .refuse)
            #expect(answer.reason?.contains("another version") == true)

            let elsewhere = try await proxy.ask(admin: "127.0.0.1:1").message
            #expect(elsewhere.step == .refuse)
            #expect(elsewhere.reason?.contains("--admin of the new one says 127.0.0.1:1") == true)

            #expect(try await say([0x7b], to: proxy.directory).message.step == .refuse)
            #expect(try await proxy.ask().message.step == .offer, "and can be asked again")
        }
    }

    @Test("does not wait for one that stays silent")
    func withdraws() async throws {
        try await withDirectory { directory in
            let anywhere = ListenAddress(host: "127.0.0.1", port: 0)
            let host = try ProxyHost(
                ProxyAppConfiguration(
                    source: .files(directory: "", environment: nil), proxy: anywhere, admin: anywhere,
                    dataDirectory: directory, threads: 3),
                identity: .unnamed, file: nil, logger: TestDatabase.quietLogger)
            try await host.start()
            var service = TakeoverService(
                listener: try UnixListener(directory: directory, name: TakeoverMessage.socketName),
                lock: try #require(try DataLock.take(directory)), host: host, link: nil,
                logger: TestDatabase.quietLogger)
            service.servingTimeout = .milliseconds(20)
            try await withThrowingTaskGroup(of: Void.self) { [service] group in
                group.addTask { try await host.run() }
                group.addTask { try await service.run() }
                let offered = try await ask(directory, proxy: "127.0.0.1:0", admin: "127.0.0.1:0")
                defer { for descriptor in offered.descriptors { close(descriptor) } }
                #expect(offered.descriptors.count == TakeoverMessage.otherDescriptors + 3)
                let answer = try await answer(on: offered.channel).message
                #expect(answer.step == .withdraw)
                #expect(try ScoringConnection(port: host.address.port).score(path: "/fraud/score").status == 503)
                group.cancelAll()
            }
        }
    }

    @Test("keeps its data directory for itself")
    func lock() async throws {
        try await withControlledProxy { proxy in
            try await proxy.serves(generation: 7)
            let anywhere = ListenAddress(host: "127.0.0.1", port: 0)
            let fault = await #expect(throws: ConfigurationFault.self) {
                try await runProxy(
                    ProxyAppConfiguration(
                        source: .control(url: "http://127.0.0.1:1", token: nil), proxy: anywhere, admin: anywhere,
                        dataDirectory: proxy.directory, threads: 1), logger: TestDatabase.quietLogger)
            }
            #expect(fault?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
            #expect(fault?.message.contains("--takeover") == true)
        }
    }

    @Test("tells systemd that it is ready, under its own process id, and that it ends")
    func notification() async throws {
        try await withDirectory { directory in
            let receiver = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(receiver) }
            let path = directory + "/notify"
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let isBound = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(receiver, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            #expect(isBound)
            func received() async throws -> String {
                var text = ""
                try await eventually(deadline: .seconds(90), "a notification") {
                    var bytes = [UInt8](repeating: 0, count: 1000)
                    let count = recv(receiver, &bytes, bytes.count, Int32(MSG_DONTWAIT))
                    text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
                    return count > 0
                }
                return text
            }
            let anywhere = ListenAddress(host: "127.0.0.1", port: 0)
            var configuration = ProxyAppConfiguration(
                source: .control(url: "http://127.0.0.1:1", token: nil), proxy: anywhere, admin: anywhere,
                dataDirectory: directory, threads: 1)
            configuration.notifySocket = path
            try await withThrowingTaskGroup(of: Void.self) { [configuration] group in
                group.addTask { try await runProxy(configuration, logger: TestDatabase.quietLogger) }
                let ready = try await received()
                #expect(ready == "READY=1\nMAINPID=\(ProcessInfo.processInfo.processIdentifier)")
                group.cancelAll()
                #expect(try await received() == "STOPPING=1")
            }
        }
    }

    // MARK: What the tests ask

    private struct Offered: Sendable {
        let message: TakeoverMessage
        let descriptors: [Int32]
        let channel: UnixChannel
    }

    private func ask(_ directory: String, proxy: String, admin: String) async throws -> Offered {
        var ask = TakeoverMessage(.ask)
        (ask.proxy, ask.admin) = (proxy, admin)
        let text = Array(try JSONEncoder().encode(ask))
        return try await say(text, to: directory)
    }

    private func say(_ text: [UInt8], to directory: String) async throws -> Offered {
        var connected: UnixChannel?
        // The socket is there a moment after the ports are.
        try await eventually(deadline: .seconds(90), "the proxy can be asked") {
            connected = try? UnixChannel(directory: directory, name: TakeoverMessage.socketName)
            return connected != nil
        }
        let channel = try #require(connected)
        try channel.send(text, timeout: .seconds(5))
        let (message, descriptors) = try await answer(on: channel)
        return Offered(message: message, descriptors: descriptors, channel: channel)
    }

    private func answer(on channel: UnixChannel) async throws -> (message: TakeoverMessage, descriptors: [Int32]) {
        try await blocking { try TakeoverMessage.receive(on: channel, within: .seconds(90)) }
    }

    /// A proxy in this process, and the control plane that it follows.
    private final class ControlledProxy: Sendable {
        let directory: String
        let reports = LatestValue<ProxyReport?>(nil)
        let reportCount = Atomic(0)
        let hasEnded = Atomic(false)
        let feed: LatestValue<TableFeed>
        let port = Atomic(0)
        private let asking: @Sendable (_ admin: String) async throws -> Offered

        init(directory: String, asking: @escaping @Sendable (_ admin: String) async throws -> Offered) {
            self.directory = directory
            self.asking = asking
            feed = LatestValue(Self.feed(7))
        }

        static func feed(_ generation: UInt64) -> TableFeed {
            let table = FlatTable(RouteSet(), generation: generation)
            let digits = String(table.digest, radix: 16)
            return TableFeed(
                newest: .init(
                    generation: Int(generation), digest: String(repeating: "0", count: 16 - digits.count) + digits),
                steps: [], whole: { (try? table.bytes()) ?? [] })
        }

        func publish(_ generation: UInt64) { feed.set(Self.feed(generation)) }

        func ask(admin: String = "127.0.0.1:0") async throws -> Offered { try await asking(admin) }

        func connect() throws -> ScoringConnection { try ScoringConnection(port: port.load(ordering: .acquiring)) }

        func serves(generation: Int) async throws {
            try await eventually(deadline: .seconds(60), "a report of generation \(generation)") {
                reports.current?.generation == generation
            }
        }
    }

    private func withControlledProxy(_ body: @escaping @Sendable (ControlledProxy) async throws -> Void) async throws {
        try await TestDatabase.withSchema { database in
            try await withDirectory { directory in
                let proxy = ControlledProxy(directory: directory) { admin in
                    try await ask(directory, proxy: "127.0.0.1:0", admin: admin)
                }
                let router = ControlAPIRouter(
                    controlPlane: ControlPlane(
                        store: RegistryStore(pool: database.pool),
                        artifactStore: ArtifactStore(directory: directory), logger: TestDatabase.quietLogger),
                    access: .open(hosts: ["127.0.0.1"]), feed: proxy.feed,
                    takeReport: { report in
                        proxy.reportCount.add(1, ordering: .relaxed)
                        proxy.reports.set(report)
                    }, checkReadiness: {})
                try await RunningControlAPI.with(router) { running in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        let anywhere = ListenAddress(host: "127.0.0.1", port: 0)
                        group.addTask {
                            try await runProxy(
                                ProxyAppConfiguration(
                                    source: .control(url: running.url, token: nil), proxy: anywhere, admin: anywhere,
                                    dataDirectory: directory, threads: 1), logger: TestDatabase.quietLogger,
                                onListening: { address, _ in proxy.port.store(address.port, ordering: .releasing) })
                            proxy.hasEnded.store(true, ordering: .releasing)
                        }
                        try await body(proxy)
                        proxy.feed.finish()
                        group.cancelAll()
                    }
                }
            }
        }
    }

    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "takeover-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory.path)
    }
}
