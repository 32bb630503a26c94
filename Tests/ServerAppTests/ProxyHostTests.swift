import Foundation
import Proxy
import Splitting
import TestSupport
import Testing

@testable import ServerApp

@Suite("A proxy and the table that it keeps on disk")
struct ProxyHostTests {
    @Test("A new table is kept before it is served, and served even if it can't be kept")
    func keepsFirst() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "proxy-host-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "routing-table").path
        let anywhere = ListenAddress(host: "127.0.0.1", port: 0)
        let host = try ProxyHost(
            ProxyAppConfiguration(
                source: .control(url: "http://127.0.0.1:1", token: nil), proxy: anywhere, admin: anywhere,
                dataDirectory: directory.path, threads: 1),
            identity: .unnamed, file: TableFile(path: path), logger: TestDatabase.quietLogger)
        try await host.start()
        let service = Task { try await host.run() }

        // Whoever opens a pipe waits for its other end, so the disk takes as long as the test likes.
        #expect(mkfifo(path, 0o600) == 0)
        let table = try FlatTable(RoutingTable(generation: 1, routes: []))
        let installing = Task { try await host.install(table) }
        try await eventually("the table is about to be kept") {
            let isServed = host.served != nil
            let pipe = open(path, O_WRONLY | O_NONBLOCK)
            guard pipe >= 0 else { return false }
            #expect(!isServed)
            close(pipe)
            return true
        }
        #expect(try await installing.value)
        #expect(host.served?.generation == 1)
        service.cancel()
        try await service.value
    }
}
