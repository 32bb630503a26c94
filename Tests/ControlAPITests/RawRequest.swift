import Foundation
import FoundationNetworking

/// A request as some other client would send it.
struct RawAnswer: Sendable {
    let status: Int
    let headers: [String: String]
    let body: String

    static func of(
        _ method: String, _ url: String, headers: [String: String] = [:], body: Data? = nil
    ) async throws -> RawAnswer {
        guard let url = URL(string: url) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession(configuration: .ephemeral).data(for: request)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        var found: [String: String] = [:]
        for (name, value) in response.allHeaderFields { found["\(name)".lowercased()] = "\(value)" }
        return RawAnswer(status: response.statusCode, headers: found, body: String(decoding: data, as: UTF8.self))
    }
}
