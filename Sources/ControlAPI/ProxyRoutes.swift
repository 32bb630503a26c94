import ControlAPITypes
import ControlPlane
import Hummingbird
import Resources
import Signals

/// What proxies ask and say. Any role will do: a proxy needs no right to change anything.
struct ProxyRoutes: Sendable {
    let feed: LatestValue<TableFeed>
    /// Takes a report; it is stored a moment later, together with others.
    let takeReport: @Sendable (ProxyReport) async throws -> Void

    func add(to group: RouterGroup<APIContext>) {
        group.get("proxies/:proxy/tables", use: tables)
        group.post("proxies/:proxy/report", use: report)
    }

    /// `?generation=N&digest=…`: a stream of frames that never ends by itself. The newest table comes at once if it is
    /// newer than N, or another than the one named by the digest; then each newer one as it is published.
    @Sendable private func tables(_ request: Request, _ context: APIContext) async throws -> Response {
        try context.requireCaller().authorize(.viewer)
        let stated = KnownTable(
            generation: try request.whole("generation") ?? 0, digest: request.query("digest"))
        let feed = feed
        let body = ResponseBody { writer in
            var known = stated
            for await state in feed.values() {
                if let table = state.table, known.isOlder(than: table) {
                    try await writer.write(ByteBuffer(bytes: TableFrame.table(table.body).bytes))
                    known = KnownTable(generation: table.generation, digest: table.digest)
                } else {
                    try await writer.write(ByteBuffer(bytes: TableFrame.heartbeat.bytes))
                }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"], body: body)
    }

    @Sendable private func report(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ServerHealth> {
        try context.requireCaller().authorize(.viewer)
        let report = try await request.body(as: ProxyReport.self, context)
        guard try report.id == context.parameter("proxy") else {
            throw TurnoutError(.invalid, "The report is \(report.id)'s, but the path names another proxy.")
        }
        try await takeReport(report)
        return JSONAnswer(ServerHealth(status: "ok"), status: .accepted)
    }
}

/// The table that a proxy says it has.
private struct KnownTable {
    let generation: Int
    let digest: String?

    func isOlder(than table: PublishedTable) -> Bool {
        if table.generation != generation { return table.generation > generation }
        return digest.map { $0 != table.digest } ?? false
    }
}
