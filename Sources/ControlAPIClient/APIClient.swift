package import ControlAPITypes
import Foundation
package import FoundationNetworking
package import Resources

/// The control API as typed calls, one method a route, in a file a noun: `APIClient+Models.swift`.
///
/// A call is sent once, or as `Resending` says; each that changes something then has an idempotency key of its own. Safe
/// to share between tasks.
package struct APIClient: Sendable {
    /// Without a path: `http://127.0.0.1:8700`.
    package let baseURL: String
    private let token: String?
    private let actor: String?
    private let resending: Resending
    package let session: URLSession

    /// - Parameters:
    ///   - url: `http://HOST:PORT` or `https://HOST:PORT`.
    ///   - token: sent as bearer; never logged.
    ///   - actor: who says to be asking, for servers that ask for no token.
    ///   - resending: what becomes of calls whose answer got lost.
    /// - Throws: `ClientError` with code `misconfigured`.
    package init(
        url: String, token: String? = nil, actor: String? = nil, resending: Resending = .never
    ) throws(ClientError) {
        guard let parsed = URL(string: url), let scheme = parsed.scheme, ["http", "https"].contains(scheme),
            let host = parsed.host, !host.isEmpty, parsed.path.isEmpty || parsed.path == "/"
        else {
            throw ClientError(.misconfigured, "'\(url)' is not an address: expected http://HOST:PORT.")
        }
        baseURL = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
        self.actor = actor
        self.resending = resending
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = 30
        configuration.httpShouldSetCookies = false
        session = URLSession(configuration: configuration)
    }

    package func get<Answer: Decodable>(_ path: APIPath, as type: Answer.Type = Answer.self) async throws -> Answer {
        try await send("GET", path, body: nil)
    }

    package func post<Answer: Decodable>(
        _ path: APIPath, _ body: some Encodable, as type: Answer.Type = Answer.self,
        idempotencyKey: IdempotencyKey? = nil
    ) async throws -> Answer {
        try await send("POST", path, idempotencyKey, body: WireJSON.encoder().encode(body))
    }

    package func patch<Answer: Decodable>(
        _ path: APIPath, _ body: some Encodable, as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        try await send("PATCH", path, body: WireJSON.encoder().encode(body))
    }

    package func put<Answer: Decodable>(
        _ path: APIPath, _ body: some Encodable, as type: Answer.Type = Answer.self,
        idempotencyKey: IdempotencyKey? = nil
    ) async throws -> Answer {
        try await send("PUT", path, idempotencyKey, body: WireJSON.encoder().encode(body))
    }

    package func delete<Answer: Decodable>(
        _ path: APIPath, as type: Answer.Type = Answer.self, idempotencyKey: IdempotencyKey? = nil
    ) async throws -> Answer {
        try await send("DELETE", path, idempotencyKey, body: nil)
    }

    /// A request with address and credentials filled in, for calls that stream.
    package func request(_ method: String, _ path: APIPath) throws -> URLRequest {
        guard let url = URL(string: baseURL + path.description) else {
            throw ClientError(.misconfigured, "'\(baseURL + path.description)' is not an address.")
        }
        var request = URLRequest(url: url)
        request.httpMethod = method
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        if let actor { request.setValue(actor, forHTTPHeaderField: APIHeader.actor) }
        return request
    }

    private func send<Answer: Decodable>(
        _ method: String, _ path: APIPath, _ key: IdempotencyKey? = nil, body: Data?
    ) async throws -> Answer {
        var request = try request(method, path)
        request.setValue(key?.rawValue, forHTTPHeaderField: APIHeader.idempotencyKey)
        return try await send(request, body: body)
    }

    private func send<Answer: Decodable>(_ request: URLRequest, body: Data?) async throws -> Answer {
        var request = request
        request.httpBody = body
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        let answer = try await exchange(request) { try await session.answer(to: $0) }
        return try read(answer.response, body: answer.data)
    }

    /// Sends a request until there is an answer to it, as often as `resending` allows.
    func exchange(
        _ request: URLRequest, _ send: (URLRequest) async throws -> (Data, URLResponse)
    ) async throws -> (data: Data, response: URLResponse) {
        var request = request
        if resending.attempts > 0, request.httpMethod != "GET",
            request.value(forHTTPHeaderField: APIHeader.idempotencyKey) == nil
        {
            request.setValue(UUID().uuidString.lowercased(), forHTTPHeaderField: APIHeader.idempotencyKey)
        }
        for attempt in 0... {
            let isLast = attempt >= resending.attempts
            do {
                let answer = try await send(request)
                let status = (answer.1 as? HTTPURLResponse)?.statusCode ?? 0
                guard !isLast, Resending.lostStatuses.contains(status) else { return answer }
                resending.notice("\(baseURL) answered \(status)\(again(attempt))")
            } catch {
                let fault = unreachable(error, isAgain: attempt > 0)
                // Where nobody listens nothing was sent; but after a connection that broke, a server may be coming back.
                guard !isLast, let lost = fault as? ClientError, attempt > 0 || lost.code == .lost else { throw fault }
                resending.notice("the connection to \(baseURL) broke\(again(attempt))")
            }
            try await Task.sleep(for: resending.pause * (1 << attempt))
        }
        throw ClientError(.unreachable, "\(baseURL) gave no answer.")
    }

    private func again(_ attempt: Int) -> String { "; asking again (\(attempt + 1) of \(resending.attempts))" }

    /// An answer's body as a value.
    /// - Throws: `ClientError` for a refusal, and for what can't be read.
    func read<Answer: Decodable>(_ response: URLResponse, body: Data) throws -> Answer {
        try check(response, body: body)
        do {
            return try WireJSON.decoder().decode(Answer.self, from: body)
        } catch {
            throw ClientError(.unexpectedAnswer, "\(baseURL) gave an answer that this version can't read: \(error)")
        }
    }
}
