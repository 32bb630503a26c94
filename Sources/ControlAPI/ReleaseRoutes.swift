import ControlAPITypes
import ControlPlane
import HTTPTypes
import Resources

/// Plans, releases, and how far the proxies have got with them.
struct ReleaseRoutes: Sendable {
    let controlPlane: ControlPlane

    private static func release(_ name: String, _ about: String) -> QueryParameter {
        QueryParameter(name, about, ["type": "integer", "minimum": 0], isRequired: true)
    }

    var operations: [Operation] {
        [
            Operation(
                .post, "plans", "plan", "Show what applying these endpoints would change.", details: "Changes nothing.",
                for: .role(.viewer), refuses: [.invalidFiles, .conflict], limit: .endpoints
            ) { (call, request: ApplyRequest) in try await controlPlane.plan(request, by: call.caller()) },
            Operation(
                .get, "releases", "listReleases", "List releases, the newest first.", for: .role(.viewer),
                query: QueryParameter.page
            ) { call in try await controlPlane.releases(call.page(), by: call.caller()) },
            Operation(
                .get, "releases/diff", "diffReleases", "Show what lies between two releases.", for: .role(.viewer),
                query: [Self.release("from", "The one release."), Self.release("to", "The other release.")],
                refuses: [.notFound], diff),
            Operation(
                .post, "releases", "apply", "Make endpoints what git says: one release, or nothing.",
                details: "An endpoint under a hold is recorded and waits. With `baseRelease`, refused with `conflict` "
                    + "when what would change has changed since.",
                for: .role(.operator), traits: .keyed, refuses: [.invalidFiles, .conflict], limit: .endpoints
            ) { (call, request: ApplyRequest) in
                try await controlPlane.apply(request, key: call.key(), by: call.caller())
            },
            Operation(
                .post, "releases/rollback", "rollbackToRelease",
                "Bring every endpoint back to what it was at a release: all of them or none.",
                for: .role(.operator), traits: .keyed, refuses: [.notFound, .conflict]
            ) { (call, request: ReleaseRollbackRequest) in
                try await controlPlane.rollback(request, key: call.key(), by: call.caller())
            },
            Operation(
                .get, "releases/{release}/convergence", "getConvergence",
                "Say how far the live proxies have got with a release.", for: .role(.viewer), refuses: [.notFound]
            ) { call in try await controlPlane.convergence(release: call.ordinal("release"), by: call.caller()) },
        ]
    }

    @Sendable private func diff(_ call: Call) async throws -> ReleaseDifference {
        guard let from = try call.whole("from"), let to = try call.whole("to") else {
            throw TurnoutError(.invalid, "from and to are missing: expected two release numbers.")
        }
        return try await controlPlane.diff(fromRelease: from, toRelease: to, by: call.caller())
    }
}
