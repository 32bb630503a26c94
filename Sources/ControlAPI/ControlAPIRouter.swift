package import ControlPlane
package import Hummingbird
package import Resources
package import Signals

/// All routes of the control API, as operations that the file of each noun lists: what registers them also describes them.
package struct ControlAPIRouter: Sendable {
    let controlPlane: ControlPlane
    let access: Access
    let feed: LatestValue<TableFeed>
    let takeReport: @Sendable (ProxyReport) async throws -> Void
    let checkReadiness: @Sendable () async throws -> Void
    let requests: RequestMetrics
    let metrics: MetricsPage

    /// - Parameters:
    ///   - feed: what proxies are told; the caller sets it and, at the end, finishes it.
    ///   - takeReport: is handed what proxies say.
    ///   - checkReadiness: throws `unavailable` while the server can't do its work.
    ///   - requests: what the requests are counted in.
    ///   - metrics: what `/metrics` shows.
    package init(
        controlPlane: ControlPlane, access: Access, feed: LatestValue<TableFeed>,
        takeReport: @escaping @Sendable (ProxyReport) async throws -> Void,
        checkReadiness: @escaping @Sendable () async throws -> Void, requests: RequestMetrics = RequestMetrics(),
        metrics: MetricsPage = MetricsPage(isOpen: false) { "" }
    ) {
        self.requests = requests
        self.metrics = metrics
        self.feed = feed
        self.takeReport = takeReport
        self.controlPlane = controlPlane
        self.access = access
        self.checkReadiness = checkReadiness
    }

    /// Every route as method and path with its parameters: `GET /api/v1/models/{model}`.
    package func routes() throws -> [(method: String, path: String)] {
        try declare().routes.map { ($0.method.rawValue, $0.path.description) }
    }

    /// What `/api/openapi.json` says.
    package func document() throws -> OpenAPIDocument { try OpenAPIDocument(operations(document: [])) }

    /// Answers every request.
    package func responder() throws -> RouterResponder<APIContext> {
        let router = try declare()
        MethodRefusal.add(to: router)
        return router.buildResponder()
    }

    private func declare() throws -> Router<APIContext> {
        let document = try document()
        let text = try document.bytes()
        let router = Router(context: APIContext.self)
        router.add(middleware: ErrorMiddleware(requests: requests))
        router.add(middleware: RouteMissing())
        if case .open(let hosts) = access { router.add(middleware: BrowserGuard(hosts: hosts)) }
        for operation in operations(document: text) {
            operation.add(to: router, access: access, schemas: document.schemas)
        }
        return router
    }

    /// All there is, in the order of the nouns; the only list of routes.
    private func operations(document: [UInt8]) -> [Operation] {
        ModelRoutes(controlPlane: controlPlane).operations
            + VersionRoutes(controlPlane: controlPlane).operations
            + AliasRoutes(controlPlane: controlPlane).operations
            + EndpointRoutes(controlPlane: controlPlane).operations
            + ReleaseRoutes(controlPlane: controlPlane).operations
            + ArtifactRoutes(controlPlane: controlPlane).operations
            + TokenRoutes(controlPlane: controlPlane).operations
            + AuditRoutes(controlPlane: controlPlane).operations
            + ProxyRoutes(controlPlane: controlPlane, feed: feed, takeReport: takeReport, requests: requests)
            .operations
            + SystemRoutes(checkReadiness: checkReadiness, document: document, metrics: metrics).operations
    }
}
