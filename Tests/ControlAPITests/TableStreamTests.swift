import ControlAPI
import ControlAPIClient
import ControlAPITypes
import Resources
import Signals
import Testing

@Suite("Pushing tables to proxies")
struct TableStreamTests {
    static func table(_ generation: Int) -> PublishedTable {
        PublishedTable(
            generation: generation, epoch: 1, release: generation, body: Array("table \(generation)".utf8),
            digest: "d\(generation)", createdAt: Timestamp(microseconds: 0))
    }

    @Test("A proxy without a table gets the newest at once, and every newer one on the same stream")
    func pushes() async throws {
        try await APIFixture.with { api in
            api.feed.set(TableFeed(table: Self.table(3)))
            var frames = try api.client.tables(proxy: "p1", generation: 0, digest: nil).makeAsyncIterator()
            let frame1 = try await frames.next()
            #expect(frame1 == .table(Self.table(3).body))
            api.feed.set(TableFeed(table: Self.table(4)))
            let frame2 = try await frames.next()
            #expect(frame2 == .table(Self.table(4).body))
        }
    }

    @Test("A proxy that has the newest table gets heartbeats alone; another table of the same number is sent")
    func heartbeats() async throws {
        try await APIFixture.with { api in
            api.feed.set(TableFeed(table: Self.table(3)))
            var same = try api.client.tables(proxy: "p1", generation: 3, digest: "d3").makeAsyncIterator()
            let frame3 = try await same.next()
            #expect(frame3 == .heartbeat)
            var other = try api.client.tables(proxy: "p2", generation: 3, digest: "elsewhere").makeAsyncIterator()
            let frame4 = try await other.next()
            #expect(frame4 == .table(Self.table(3).body))
            var newer = try api.client.tables(proxy: "p3", generation: 9, digest: "d9").makeAsyncIterator()
            let frame5 = try await newer.next()
            #expect(frame5 == .heartbeat)
        }
    }

    @Test("A server that shuts down ends its streams")
    func ends() async throws {
        try await APIFixture.with { api in
            var frames = try api.client.tables(proxy: "p1", generation: 0, digest: nil).makeAsyncIterator()
            let frame6 = try await frames.next()
            #expect(frame6 == .heartbeat)
            api.feed.finish()
            let frame7 = try await frames.next()
            #expect(frame7 == nil)
        }
    }

    @Test("A refused stream says why")
    func refused() async throws {
        try await APIFixture.with(access: AccessTests.tokens) { api in
            var frames = try api.client.tables(proxy: "p1", generation: 0, digest: nil).makeAsyncIterator()
            await #expect { try await frames.next() } throws: {
                ($0 as? ClientError)?.code == .refused(.unauthenticated)
            }
        }
    }

    @Test("Frames are whole again however their bytes were cut", arguments: [1, 2, 3, 7, 1000])
    func framing(_ size: Int) throws {
        let frames: [TableFrame] = [.heartbeat, .table(Array("abc".utf8)), .table([]), .heartbeat]
        let bytes = frames.flatMap(\.bytes)
        var reader = TableFrameReader()
        var read: [TableFrame] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            read += try reader.read(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(read == frames)
    }

    @Test("Bytes that are no table stream are refused")
    func garbage() {
        var reader = TableFrameReader()
        #expect(throws: TurnoutError.self) { try reader.read(Array("HTTP/1.1 200 OK".utf8)) }
    }
}
