import ControlAPITypes
import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore
import Resources

/// One thing that the API does: registers its route and describes it, so that neither exists without the other.
///
/// The types of body and answer are the handler's own. A handler decodes nothing by itself, makes one call of a use case
/// and returns its value; it catches nothing, since `ErrorMiddleware` turns every error into its envelope.
package struct Operation: Sendable {
    /// Who may ask. The use cases authorise; a test holds them against this.
    enum Audience: Sendable, Hashable {
        case everyone
        case role(Role)
    }

    /// What is sent, in one direction.
    enum Content: Sendable {
        case json(any (Codable & Sendable).Type)
        /// A medium that the API does not look into.
        case raw(mediaType: String, about: String)
    }

    /// What an operation is told besides its path, and what it promises.
    struct Traits: OptionSet, Sendable {
        let rawValue: Int
        /// Takes `idempotency-key`: sent again with the same key, it has no second effect.
        static let keyed = Traits(rawValue: 1)
        /// Answers an `etag`.
        static let tagged = Traits(rawValue: 2)
        /// Takes `if-match`.
        static let conditional = Traits(rawValue: 4)
    }

    let method: HTTPRequest.Method
    /// From the root: `/api/v1/models/{model}`.
    let path: String
    let id: String
    let summary: String
    let details: String?
    let audience: Audience
    let query: [QueryParameter]
    let traits: Traits
    let body: Content?
    let status: HTTPResponse.Status
    let answer: Content
    /// What it may refuse with besides what every operation may.
    let refusals: [TurnoutError.Code]
    let bodyLimit: BodyLimit
    let respond: @Sendable (Call) async throws -> Response

    /// An operation that takes no body, or looks into it itself.
    init<Answer: Codable & Sendable>(
        _ method: HTTPRequest.Method, _ path: String, _ id: String, _ summary: String, details: String? = nil,
        for audience: Audience, query: [QueryParameter] = [], traits: Traits = [], body: Content? = nil,
        status: HTTPResponse.Status = .ok, refuses refusals: [TurnoutError.Code] = [],
        _ handle: @escaping @Sendable (Call) async throws -> Answer
    ) {
        self.init(
            method, path, id, summary, details: details, for: audience, query: query, traits: traits, body: body,
            status: status, answer: .json(Answer.self), refuses: refusals
        ) { call in
            try JSONAnswer(await handle(call), status: status, isTagged: traits.contains(.tagged)).response()
        }
    }

    /// An operation that takes a JSON body.
    init<Body: Codable & Sendable, Answer: Codable & Sendable>(
        _ method: HTTPRequest.Method, _ path: String, _ id: String, _ summary: String, details: String? = nil,
        for audience: Audience, query: [QueryParameter] = [], traits: Traits = [],
        status: HTTPResponse.Status = .ok, refuses refusals: [TurnoutError.Code] = [], limit: BodyLimit = .ordinary,
        _ handle: @escaping @Sendable (Call, Body) async throws -> Answer
    ) {
        self.init(
            method, path, id, summary, details: details, for: audience, query: query, traits: traits,
            body: .json(Body.self), status: status, answer: .json(Answer.self), refuses: refusals, limit: limit
        ) { call in
            let value = try await handle(call, call.body(as: Body.self, limit: limit))
            return try JSONAnswer(value, status: status, isTagged: traits.contains(.tagged)).response()
        }
    }

    /// An operation whose answer is made by hand.
    init(
        _ method: HTTPRequest.Method, _ path: String, _ id: String, _ summary: String, details: String? = nil,
        for audience: Audience, query: [QueryParameter] = [], traits: Traits = [], body: Content? = nil,
        status: HTTPResponse.Status = .ok, answer: Content, refuses refusals: [TurnoutError.Code] = [],
        limit: BodyLimit = .ordinary, respond: @escaping @Sendable (Call) async throws -> Response
    ) {
        self.method = method
        self.path = path.hasPrefix("/") ? path : "\(APIPath.prefix)/\(path)"
        self.id = id
        self.summary = summary
        self.details = details
        self.audience = audience
        self.query = query
        self.traits = traits
        self.body = body
        self.status = status
        self.answer = answer
        self.refusals = refusals
        self.bodyLimit = limit
        self.respond = respond
    }

    /// The parameters of its path, in order.
    var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    /// What it may answer besides its success.
    var codes: Set<TurnoutError.Code> {
        var codes = Set(refusals).union([.invalid, .forbidden, .unavailable, .internal])
        if case .role = audience { codes.insert(.unauthenticated) }
        if body != nil { codes.insert(.tooLarge) }
        if traits.contains(.conditional) { codes.insert(.preconditionFailed) }
        if traits.contains(.keyed) { codes.formUnion([.conflict, .outcomeUnknown]) }
        return codes
    }

    /// - Parameter schemas: of the document that describes it.
    func add(to router: Router<APIContext>, access: Access, schemas: [String: JSONTree]) {
        let isOpen = audience == .everyone
        router.on(RouterPath(path), method: method) { request, context in
            let caller = isOpen ? nil : try await access.caller(of: request)
            // The use case authorises again: here, so that nobody's body is read who has no right to send it.
            if case .role(let role) = audience { try caller?.authorize(role) }
            let call = try Call(request: request, context: context, operation: self, schemas: schemas, stated: caller)
            return try await respond(call)
        }
    }
}

/// How many bytes of a body are taken.
package enum BodyLimit: Int, Sendable {
    /// 1 MiB: names, tags, descriptions.
    case ordinary = 1_048_576
    /// 64 MiB: all endpoints of an installation at once; 10,000 of them take about 8.
    case endpoints = 67_108_864
}
