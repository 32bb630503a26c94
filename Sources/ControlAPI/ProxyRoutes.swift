import ControlAPITypes
import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import Resources
import Signals

/// What proxies ask and say, and what is known of them.
struct ProxyRoutes: Sendable {
    let controlPlane: ControlPlane
    let feed: LatestValue<TableFeed>
    /// Takes a report; it is stored a moment later, together with others.
    let takeReport: @Sendable (ProxyReport) async throws -> Void
    let requests: RequestMetrics

    private static let mediaType = "application/octet-stream"
    private static let generation = QueryParameter(
        "generation", "Of the table that the proxy has; 0 for none.", ["type": "integer", "minimum": 0, "default": 0])
    private static let digest = QueryParameter(
        "digest", "Of that table, so that another one with the same number is sent as well.", ["type": "string"])

    var operations: [Operation] {
        [
            Operation(
                .get, "proxies", "listProxies", "List the proxies that were heard of within a day, by id.",
                for: .role(.viewer), query: QueryParameter.page
            ) { call in try await controlPlane.proxies(call.page(), by: call.caller()) },
            Operation(
                .get, "proxies/{proxy}/tables", "followTables", "Follow the routing tables.",
                details: "A stream that never ends by itself. Each frame is a byte that says what it is (0 heartbeat, "
                    + "1 a whole routing table, 2 what changed since the table that the proxy has), the payload's "
                    + "length as four bytes (big-endian), and the payload. What leads to the newest table comes at "
                    + "once if the proxy has an older one; a heartbeat at least every 5 seconds.",
                for: .role(.proxy), query: [Self.generation, Self.digest],
                answer: .raw(mediaType: Self.mediaType, about: "Frames, as they come."), respond: tables),
            Operation(
                .post, "proxies/{proxy}/report", "reportProxy", "Say what a proxy serves, and how its backends are.",
                details: "The newest report counts: sending one again changes nothing.", for: .role(.proxy),
                status: .accepted, refuses: [.notFound], report),
        ]
    }

    @Sendable private func tables(_ call: Call) async throws -> Response {
        try call.caller().authorize(.proxy)
        let stated = TableFeed.Mark(generation: try call.whole("generation") ?? 0, digest: try call.query("digest"))
        let (feed, requests) = (feed, requests)
        let body = ResponseBody { writer in
            requests.streamBegan()
            defer { requests.streamEnded() }
            var known = stated
            for await state in feed.values() {
                let frames = state.frames(from: known)
                if !frames.isEmpty, let newest = state.newest { known = newest }
                for frame in frames.isEmpty ? [.heartbeat] : frames {
                    try await writer.write(ByteBuffer(bytes: frame.bytes))
                }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: Self.mediaType, .cacheControl: "no-store"], body: body)
    }

    @Sendable private func report(_ call: Call, _ report: ProxyReport) async throws -> ServerHealth {
        try call.caller().authorize(.proxy)
        guard try report.id == call.parameter("proxy") else {
            throw TurnoutError(.invalid, "The report is \(report.id)'s, but the path names another proxy.")
        }
        try await takeReport(report)
        return ServerHealth(status: "ok")
    }
}
