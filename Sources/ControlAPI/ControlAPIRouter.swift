package import ControlPlane
package import Hummingbird
package import Resources
package import Signals

/// All routes of the control API, each added by the file of its noun.
///
/// A file of routes adds its handlers: `struct ModelRoutes { let controlPlane: ControlPlane; func add(to group:) }`.
/// A handler decodes, calls one use case with `context.requireCaller()`, and returns a `JSONAnswer`; it catches nothing, since
/// `ErrorMiddleware` turns every error into its envelope.
package struct ControlAPIRouter: Sendable {
    let controlPlane: ControlPlane
    let access: Access
    let feed: LatestValue<TableFeed>
    let takeReport: @Sendable (ProxyReport) async throws -> Void
    let checkReadiness: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - feed: what proxies are told; the caller sets it and, at the end, finishes it.
    ///   - takeReport: is handed what proxies say.
    ///   - checkReadiness: throws `unavailable` while the server can't do its work.
    package init(
        controlPlane: ControlPlane, access: Access, feed: LatestValue<TableFeed>,
        takeReport: @escaping @Sendable (ProxyReport) async throws -> Void,
        checkReadiness: @escaping @Sendable () async throws -> Void
    ) {
        self.feed = feed
        self.takeReport = takeReport
        self.controlPlane = controlPlane
        self.access = access
        self.checkReadiness = checkReadiness
    }

    /// Every route as method and path with its parameters: `GET /api/v1/models/{model}`.
    package var routes: [(method: String, path: String)] {
        declare().routes.map { ($0.method.rawValue, $0.path.description) }
    }

    package func build() -> Router<APIContext> {
        let router = declare()
        MethodRefusal.add(to: router)
        return router
    }

    private func declare() -> Router<APIContext> {
        let router = Router(context: APIContext.self)
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: RouteMissing())
        if case .open(let hosts) = access { router.add(middleware: BrowserGuard(hosts: hosts)) }
        let open = router.group("api/v1")
        SystemRoutes(checkReadiness: checkReadiness).add(to: open)
        let guarded = open.group().add(middleware: AccessMiddleware(access: access))
        addRoutes(to: guarded)
        return router
    }

    /// One line a noun, in the order of the nouns.
    private func addRoutes(to group: RouterGroup<APIContext>) {
        ModelRoutes(controlPlane: controlPlane).add(to: group)
        VersionRoutes(controlPlane: controlPlane).add(to: group)
        AliasRoutes(controlPlane: controlPlane).add(to: group)
        EndpointRoutes(controlPlane: controlPlane).add(to: group)
        ReleaseRoutes(controlPlane: controlPlane).add(to: group)
        ArtifactRoutes(controlPlane: controlPlane).add(to: group)
        TokenRoutes(controlPlane: controlPlane).add(to: group)
        AuditRoutes(controlPlane: controlPlane).add(to: group)
        ProxyRoutes(feed: feed, takeReport: takeReport).add(to: group)
    }
}
