import ControlAPITypes
import ControlPlane
import HTTPTypes
import Resources

struct EndpointRoutes: Sendable {
    let controlPlane: ControlPlane

    private static let key = QueryParameter("key", "The routing key.", ["type": "string"], isRequired: true)
    private static let at = QueryParameter(
        "at", "The moment, as RFC 3339; now without it.",
        ["type": "string", "format": "date-time", "examples": ["2026-11-01T10:00Z"]])

    private static func revision(_ name: String, _ about: String) -> QueryParameter {
        QueryParameter(name, about, ["type": "integer", "minimum": 1], isRequired: true)
    }

    var operations: [Operation] { reads + changes }

    private var reads: [Operation] {
        [
            Operation(
                .get, "endpoints", "listEndpoints", "Say where every endpoint stands, by name.", for: .role(.viewer),
                query: QueryParameter.page
            ) { call in try await controlPlane.statuses(call.page(), by: call.caller()) },
            Operation(
                .get, "endpoints/{endpoint}", "getEndpoint",
                "Say where an endpoint stands: live split, hold, what waits, health, proxies in step.",
                for: .role(.viewer), refuses: [.notFound]
            ) { call in try await controlPlane.status(of: call.parameter("endpoint"), by: call.caller()) },
            Operation(
                .get, "endpoints/{endpoint}/revisions", "listRevisions",
                "List an endpoint's revisions, the newest first.",
                for: .role(.viewer), query: QueryParameter.page, refuses: [.notFound]
            ) { call in
                try await controlPlane.history(of: call.parameter("endpoint"), call.page(), by: call.caller())
            },
            Operation(
                .get, "endpoints/{endpoint}/holds", "listHolds",
                "List an endpoint's holds, the newest first, each with how it ended.",
                for: .role(.viewer), query: QueryParameter.page, refuses: [.notFound]
            ) { call in
                try await controlPlane.holds(of: call.parameter("endpoint"), call.page(), by: call.caller())
            },
            Operation(
                .get, "endpoints/{endpoint}/diff", "diffRevisions", "Show what lies between two revisions.",
                for: .role(.viewer),
                query: [Self.revision("from", "The one revision."), Self.revision("to", "The other revision.")],
                refuses: [.notFound], diff),
            Operation(
                .get, "endpoints/{endpoint}/explain", "explain",
                "Say which version served a routing key at a moment, and who decided so.",
                details: "Computed from the revisions alone. Requests that an override sent elsewhere are not covered.",
                for: .role(.viewer), query: [Self.key, Self.at], refuses: [.notFound], explain),
        ]
    }

    private var changes: [Operation] {
        [
            Operation(
                .post, "endpoints/{endpoint}/promote", "promote",
                "Give a variant traffic at once, and hold the endpoint there.",
                for: .role(.operator), traits: .keyed, refuses: [.notFound, .conflict]
            ) { (call, request: PromoteRequest) in
                try await controlPlane.promote(
                    call.parameter("endpoint"), request, key: call.key(), by: call.caller())
            },
            Operation(
                .post, "endpoints/{endpoint}/rollback", "rollback",
                "Bring back an older revision, its content and its buckets, and hold the endpoint there.",
                for: .role(.operator), traits: .keyed, refuses: [.notFound, .conflict]
            ) { (call, request: RollbackRequest) in
                try await controlPlane.rollback(
                    call.parameter("endpoint"), request, key: call.key(), by: call.caller())
            },
            Operation(
                .post, "endpoints/{endpoint}/resume", "resume", "Release an endpoint's hold: what git says goes live.",
                for: .role(.operator), traits: .keyed, refuses: [.notFound, .conflict]
            ) { (call, request: ResumeRequest) in
                try await controlPlane.resume(call.parameter("endpoint"), request, key: call.key(), by: call.caller())
            },
        ]
    }

    @Sendable private func diff(_ call: Call) async throws -> RevisionDifference {
        guard let from = try call.whole("from"), let to = try call.whole("to") else {
            throw TurnoutError(.invalid, "from and to are missing: expected two revision numbers.")
        }
        return try await controlPlane.diff(of: call.parameter("endpoint"), from: from, to: to, by: call.caller())
    }

    @Sendable private func explain(_ call: Call) async throws -> Explanation {
        guard let key = try call.query("key") else {
            throw TurnoutError(.invalid, "key is missing: expected the routing key to explain.")
        }
        var moment: Timestamp?
        if let text = try call.query("at") {
            guard let parsed = Timestamp(parsing: text) else {
                throw TurnoutError(.invalid, "at is '\(text)': expected an RFC 3339 time such as 2026-11-01T10:00Z.")
            }
            moment = parsed
        }
        return try await controlPlane.explain(
            call.parameter("endpoint"), key: key, at: moment, by: call.caller())
    }
}
