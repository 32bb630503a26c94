import ControlAPITypes
import ControlPlane
import HTTPTypes
import Resources

struct VersionRoutes: Sendable {
    let controlPlane: ControlPlane

    var operations: [Operation] {
        [
            Operation(
                .get, "models/{model}/versions", "listVersions", "List a model's versions, the newest first.",
                for: .role(.viewer), query: QueryParameter.page, refuses: [.notFound]
            ) { call in try await controlPlane.versions(of: call.parameter("model"), call.page(), by: call.caller()) },
            Operation(
                .post, "models/{model}/versions", "registerVersion", "Register a version; the registry numbers it.",
                details: "Its artifacts must have been pushed before.",
                for: .role(.operator), query: [.reason], traits: [.keyed, .tagged], status: .created,
                refuses: [.notFound]
            ) { (call, draft: VersionDraft) in
                try await controlPlane.registerVersion(
                    of: call.parameter("model"), draft, key: call.key(), reason: call.reason(), by: call.caller())
            },
            Operation(
                .get, "models/{model}/versions/{version}", "getVersion", "Show a version.", for: .role(.viewer),
                traits: .tagged, refuses: [.notFound]
            ) { call in try await controlPlane.version(call.versionReference(), by: call.caller()) },
            Operation(
                .patch, "models/{model}/versions/{version}", "annotateVersion",
                "Change a version's description and tags; nothing else of it ever changes.",
                for: .role(.operator), query: [.reason], traits: [.keyed, .tagged, .conditional],
                refuses: [.notFound]
            ) { (call, annotations: Annotations) in
                try await controlPlane.annotateVersion(
                    call.versionReference(), annotations, ifMatch: call.precondition(), key: call.key(),
                    reason: call.reason(), by: call.caller())
            },
            Operation(
                .delete, "models/{model}/versions/{version}", "deleteVersion",
                "Delete a version with its aliases; its number is never given again.",
                details: "Refused while an endpoint uses it.",
                for: .role(.admin), query: [.reason], traits: [.keyed, .conditional], refuses: [.notFound, .inUse]
            ) { call in
                try await controlPlane.deleteVersion(
                    call.versionReference(), ifMatch: call.precondition(), key: call.key(), reason: call.reason(),
                    by: call.caller())
                return Deletion(deleted: true)
            },
        ]
    }
}
