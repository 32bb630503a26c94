import ControlAPITypes
import ControlPlane
import HTTPTypes
import Resources

struct ModelRoutes: Sendable {
    let controlPlane: ControlPlane

    var operations: [Operation] {
        [
            Operation(
                .get, "models", "listModels", "List models, by name.", for: .role(.viewer), query: QueryParameter.page
            ) { call in try await controlPlane.models(call.page(), by: call.caller()) },
            Operation(
                .post, "models", "createModel", "Create a model.",
                details: "One that was deleted comes back empty, its version numbers going on where they were.",
                for: .role(.operator), query: [.reason], traits: [.keyed, .tagged], status: .created,
                refuses: [.alreadyExists]
            ) { (call, draft: ModelDraft) in
                try await controlPlane.createModel(draft, key: call.key(), reason: call.reason(), by: call.caller())
            },
            Operation(
                .get, "models/{model}", "getModel", "Show a model.", for: .role(.viewer), traits: .tagged,
                refuses: [.notFound]
            ) { call in try await controlPlane.model(call.parameter("model"), by: call.caller()) },
            Operation(
                .patch, "models/{model}", "annotateModel", "Change a model's description and tags.",
                for: .role(.operator), query: [.reason], traits: [.keyed, .tagged, .conditional],
                refuses: [.notFound]
            ) { (call, annotations: Annotations) in
                try await controlPlane.annotateModel(
                    call.parameter("model"), annotations, ifMatch: call.precondition(), key: call.key(),
                    reason: call.reason(), by: call.caller())
            },
            Operation(
                .delete, "models/{model}", "deleteModel", "Delete a model with its aliases and versions.",
                details: "Refused while an endpoint uses one of its versions. Version numbers are never given again.",
                for: .role(.admin), query: [.reason], traits: [.keyed, .conditional], refuses: [.notFound, .inUse]
            ) { call in
                try await controlPlane.deleteModel(
                    call.parameter("model"), ifMatch: call.precondition(), key: call.key(), reason: call.reason(),
                    by: call.caller())
                return Deletion(deleted: true)
            },
        ]
    }
}
