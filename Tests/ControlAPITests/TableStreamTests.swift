import ControlAPI
import ControlAPIClient
import ControlAPITypes
import Resources
import Signals
import Testing

@Suite("Pushing tables to proxies")
struct TableStreamTests {
    static func mark(_ generation: Int) -> TableFeed.Mark { .init(generation: generation, digest: "d\(generation)") }
    static func whole(_ generation: Int) -> [UInt8] { Array("table \(generation)".utf8) }
    static func delta(_ generation: Int) -> [UInt8] { Array("delta \(generation)".utf8) }

    /// A feed at a generation, with the steps that led to it from another.
    static func feed(_ generation: Int, stepsFrom first: Int? = nil) -> TableFeed {
        TableFeed(
            newest: mark(generation),
            steps: ((first ?? generation)..<generation).map {
                TableFeed.Step(from: mark($0), to: mark($0 + 1), delta: delta($0 + 1))
            },
            whole: { whole(generation) })
    }

    @Test("A proxy without a table gets the newest whole, and then what changed, on the same stream")
    func pushes() async throws {
        try await APIFixture.with { api in
            api.feed.set(Self.feed(3, stepsFrom: 1))
            var frames = try api.client.tables(proxy: "p1", generation: 0, digest: nil).makeAsyncIterator()
            let frame1 = try await frames.next()
            #expect(frame1 == .table(Self.whole(3)))
            api.feed.set(Self.feed(4, stepsFrom: 1))
            let frame2 = try await frames.next()
            #expect(frame2 == .delta(Self.delta(4)))
            api.feed.set(Self.feed(6))
            let frame3 = try await frames.next()
            #expect(frame3 == .table(Self.whole(6)))
        }
    }

    @Test("A proxy that comes back gets every change that it missed, or the whole table if it missed too many")
    func missed() async throws {
        try await APIFixture.with { api in
            api.feed.set(Self.feed(9, stepsFrom: 6))
            var near = try api.client.tables(proxy: "p1", generation: 7, digest: "d7").makeAsyncIterator()
            let frame1 = try await near.next()
            let frame2 = try await near.next()
            #expect([frame1, frame2] == [.delta(Self.delta(8)), .delta(Self.delta(9))])
            var far = try api.client.tables(proxy: "p2", generation: 5, digest: "d5").makeAsyncIterator()
            let frame3 = try await far.next()
            #expect(frame3 == .table(Self.whole(9)))
            var other = try api.client.tables(proxy: "p3", generation: 7, digest: "elsewhere").makeAsyncIterator()
            let frame4 = try await other.next()
            #expect(frame4 == .table(Self.whole(9)))
        }
    }

    @Test("A proxy that has the newest table gets heartbeats alone; another table of the same number is sent")
    func heartbeats() async throws {
        try await APIFixture.with { api in
            api.feed.set(Self.feed(3, stepsFrom: 1))
            var same = try api.client.tables(proxy: "p1", generation: 3, digest: "d3").makeAsyncIterator()
            let frame3 = try await same.next()
            #expect(frame3 == .heartbeat)
            var other = try api.client.tables(proxy: "p2", generation: 3, digest: "elsewhere").makeAsyncIterator()
            let frame4 = try await other.next()
            #expect(frame4 == .table(Self.whole(3)))
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
        let frames: [TableFrame] = [
            .heartbeat, .table(Array("abc".utf8)), .delta(Array("defg".utf8)), .table([]), .heartbeat,
        ]
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
