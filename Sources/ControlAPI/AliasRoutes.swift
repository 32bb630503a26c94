import ControlAPITypes
import ControlPlane
import HTTPTypes
import Resources

struct AliasRoutes: Sendable {
    let controlPlane: ControlPlane

    private static let expected = QueryParameter(
        "expected", "The version that it must point to now; 0 for nowhere.", ["type": "integer", "minimum": 0])

    var operations: [Operation] {
        [
            Operation(
                .get, "models/{model}/aliases", "listAliases", "List a model's aliases, by name.",
                for: .role(.viewer), query: QueryParameter.page, refuses: [.notFound]
            ) { call in try await controlPlane.aliases(of: call.parameter("model"), call.page(), by: call.caller()) },
            Operation(
                .get, "models/{model}/aliases/{alias}", "getAlias", "Say where an alias points.", for: .role(.viewer),
                traits: .tagged, refuses: [.notFound]
            ) { call in
                try await controlPlane.alias(call.parameter("model"), call.parameter("alias"), by: call.caller())
            },
            Operation(
                .put, "models/{model}/aliases/{alias}", "setAlias", "Point an alias to a version.",
                details: "Endpoints that name the alias follow when they are applied next, not before.",
                for: .role(.operator), query: [.reason], traits: [.keyed, .tagged, .conditional],
                refuses: [.notFound, .conflict]
            ) { (call, assignment: AliasAssignment) in
                try await controlPlane.setAlias(
                    call.parameter("alias"),
                    to: VersionReference(model: call.parameter("model"), version: assignment.version),
                    expected: AliasExpectation(number: assignment.expected), ifMatch: call.precondition(),
                    key: call.key(), reason: call.reason(), by: call.caller())
            },
            Operation(
                .delete, "models/{model}/aliases/{alias}", "deleteAlias",
                "Delete an alias. One that doesn't exist is gone already.",
                for: .role(.operator), query: [Self.expected, .reason], traits: [.keyed, .conditional],
                refuses: [.notFound, .conflict]
            ) { call in
                Deletion(
                    deleted: try await controlPlane.deleteAlias(
                        call.parameter("model"), call.parameter("alias"),
                        expected: AliasExpectation(number: call.whole("expected")), ifMatch: call.precondition(),
                        key: call.key(), reason: call.reason(), by: call.caller()))
            },
            Operation(
                .get, "models/{model}/aliases/{alias}/history", "listAliasChanges",
                "List an alias's moves, the latest first; those of one that was deleted, too.",
                for: .role(.viewer), query: QueryParameter.page
            ) { call in
                try await controlPlane.aliasChanges(
                    call.parameter("model"), call.parameter("alias"), call.page(), by: call.caller())
            },
        ]
    }
}
