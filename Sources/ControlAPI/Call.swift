import ControlAPITypes
import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Resources

/// A request that reached its operation: what handlers read of it. Every fault is a `TurnoutError` that names what is
/// wrong.
struct Call: Sendable {
    let request: Request
    let context: APIContext
    private let operation: Operation
    /// Of the wire's types.
    let schemas: [String: JSONTree]
    private let stated: Caller?

    /// - Throws: `invalid` for a query parameter that the operation does not take, or that stands twice.
    init(
        request: Request, context: APIContext, operation: Operation, schemas: [String: JSONTree], stated: Caller?
    ) throws(TurnoutError) {
        self.schemas = schemas
        self.request = request
        self.context = context
        self.operation = operation
        self.stated = stated
        let known = operation.query.map(\.name)
        var seen: Set<Substring> = []
        for (name, _) in request.uri.queryParameters {
            guard known.contains(String(name)) else {
                let meant = NearMiss.suggestion(for: String(name), among: known).map { ": did you mean '\($0)'?" }
                let takes = known.isEmpty ? "; it takes none." : "; it takes \(known.joined(separator: ", "))."
                throw TurnoutError(
                    .invalid, "\(request.uri.path) takes no parameter '\(name)'" + (meant ?? takes))
            }
            guard seen.insert(name).inserted else {
                throw TurnoutError(.invalid, "The parameter \(name) stands twice.")
            }
        }
        for parameter in operation.query where parameter.isRequired && !seen.contains(parameter.name[...]) {
            throw TurnoutError(.invalid, "\(parameter.name) is missing: \(parameter.about)")
        }
    }

    /// - Throws: `internal` in an operation for everyone, where nobody was asked who they are.
    func caller() throws(TurnoutError) -> Caller {
        guard let stated else { throw TurnoutError(.internal, "\(operation.id) knows no caller.") }
        return stated
    }

    /// A query parameter, percent-decoded.
    func query(_ name: String) throws(TurnoutError) -> String? {
        guard operation.query.contains(where: { $0.name == name }) else {
            throw TurnoutError(.internal, "\(operation.id) reads '\(name)', which it does not declare.")
        }
        guard let text = request.uri.queryParameters[name[...]] else { return nil }
        guard !text.utf8.contains(0) else { throw TurnoutError(.invalid, "\(name) holds a NUL.") }
        return String(text)
    }

    /// A query parameter as a whole number of 0 or more.
    func whole(_ name: String) throws(TurnoutError) -> Int? {
        guard let text = try query(name) else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw TurnoutError(.invalid, "\(name) is '\(text)': expected a whole number of 0 or more.")
        }
        return number
    }

    /// `?limit=&cursor=`
    func page() throws(TurnoutError) -> PageRequest {
        let cursor = try query("cursor")
        guard cursor != "" else {
            throw TurnoutError(.invalid, "cursor is empty: leave it out for the first page.")
        }
        guard let text = try query("limit") else { return try PageRequest(cursor: cursor) }
        guard let limit = Int(text) else { throw TurnoutError(.invalid, "limit is '\(text)': expected a number.") }
        return try PageRequest(limit: limit, cursor: cursor)
    }

    /// `?reason=`: why, for the audit log.
    func reason() throws(TurnoutError) -> String? {
        guard let reason = try query("reason"), !reason.isEmpty else { return nil }
        guard reason.utf8.count <= 4096 else { throw TurnoutError(.invalid, "reason takes at most 4096 bytes.") }
        return reason
    }

    /// - Throws: `invalid` for a header that isn't a key.
    func key() throws(TurnoutError) -> IdempotencyKey? {
        try header(APIHeader.idempotencyKey, of: .keyed).map { text throws(TurnoutError) in
            try IdempotencyKey(validating: text)
        }
    }

    /// `if-match`: what the caller has seen of what it changes.
    func precondition() throws(TurnoutError) -> Precondition {
        guard let text = try header("if-match", of: .conditional) else { return .none }
        if text.trimmingCharacters(in: .whitespaces) == "*" { return .exists }
        var tags: [String] = []
        for part in text.split(separator: ",") {
            let tag = part.trimmingCharacters(in: .whitespaces)
            // A weak tag, `W/"…"`, never matches here.
            guard tag.hasSuffix("\""), tag.hasPrefix("\"") || tag.hasPrefix("W/\""), tag.count >= 2 else {
                throw TurnoutError(.invalid, "if-match is '\(text)': expected the etag of an answer, in quotes, or *.")
            }
            tags.append(tag.hasPrefix("W/") ? tag : String(tag.dropFirst().dropLast()))
        }
        return .tags(tags)
    }

    private func header(_ name: String, of trait: Operation.Traits) throws(TurnoutError) -> String? {
        guard operation.traits.contains(trait) else {
            throw TurnoutError(.internal, "\(operation.id) reads \(name), which it does not declare.")
        }
        return HTTPField.Name(name).flatMap { request.headers[$0] }
    }

    /// A path parameter, percent-decoded: `models/{model}` has `model`.
    func parameter(_ name: String) throws(TurnoutError) -> String {
        guard let raw = context.parameters.get(name), let text = raw.removingPercentEncoding else {
            throw TurnoutError(.invalid, "The path's \(name) is not valid text.")
        }
        return text
    }

    /// A path parameter as a checked name.
    func parameter<Name: ValidatedName>(_ name: String, as type: Name.Type = Name.self) throws(TurnoutError) -> Name {
        try Name(validating: parameter(name))
    }

    /// A path parameter as a number of at least 1: a version, a release, a revision.
    func ordinal(_ name: String) throws(TurnoutError) -> Int {
        let text = try parameter(name)
        guard let number = Int(text), number > 0 else {
            throw TurnoutError(.invalid, "The path's \(name) is '\(text)': expected a number of 1 or more.")
        }
        return number
    }

    /// The version that `models/{model}/versions/{version}` names.
    func versionReference() throws(TurnoutError) -> VersionReference {
        VersionReference(model: try parameter("model"), version: try ordinal("version"))
    }
}
