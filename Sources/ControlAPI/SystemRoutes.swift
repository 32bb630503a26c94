import ControlAPITypes
import Hummingbird

/// What a server says of itself; open to everyone.
struct SystemRoutes: Sendable {
    /// Throws while the server can't do its work, saying why.
    let checkReadiness: @Sendable () async throws -> Void

    func add(to group: RouterGroup<APIContext>) {
        group.get("version", use: version)
        group.get("healthz", use: health)
        group.get("readyz", use: readiness)
    }

    @Sendable private func version(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ServerVersion>
    {
        JSONAnswer(.current)
    }

    /// Alive: able to answer at all.
    @Sendable private func health(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ServerHealth> {
        JSONAnswer(ServerHealth(status: "ok"))
    }

    @Sendable private func readiness(_ request: Request, _ context: APIContext) async throws -> JSONAnswer<ServerHealth>
    {
        try await checkReadiness()
        return JSONAnswer(ServerHealth(status: "ok"))
    }
}
