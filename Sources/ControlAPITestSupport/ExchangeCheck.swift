package import ControlAPI
internal import Foundation

/// Holds what went over the wire against the document: every answer, and every request that was answered well.
package struct ExchangeCheck: Sendable {
    package struct Exchange: Sendable {
        package var method: String
        /// Percent-encoded, without the query.
        package var path: String
        package var query: [String]
        package var requestBody: [UInt8]?
        package var status: Int
        package var headers: [String: String]
        /// `nil` for one that is no JSON.
        package var answerBody: [UInt8]?
    }

    private let document: JSONTree
    private let schemas: SchemaCheck

    package init(document: JSONTree) {
        self.document = document
        schemas = SchemaCheck(document: document)
    }

    /// - Returns: what the document does not say, or says otherwise.
    package func faults(_ exchange: Exchange) -> [String] {
        guard let operation = operation(exchange) else {
            return [404, 405].contains(exchange.status) || isRefusedHost(exchange) ? [] : ["is in no document"]
        }
        guard let answer = operation["responses"]?[String(exchange.status)] else {
            return ["answered \(exchange.status), which is not documented"]
        }
        var faults: [String] = []
        for (name, header) in answer["headers"]?.members ?? [:] {
            guard let value = exchange.headers[name] else {
                if header["required"] == true { faults.append("the answer has no header \(name)") }
                continue
            }
            faults += schemas.faults(.string(value), header["schema"] ?? [:], at: "$header.\(name)")
        }
        faults += content(exchange.answerBody, exchange.headers["content-type"], answer["content"])
        if (200..<300).contains(exchange.status) { faults += request(exchange, operation) }
        return faults
    }

    /// A server without tokens turns web pages away before it looks at anything.
    private func isRefusedHost(_ exchange: Exchange) -> Bool { exchange.status == 403 }

    private func request(_ exchange: Exchange, _ operation: JSONTree) -> [String] {
        let known = operation["parameters"]?.items.filter { $0["in"] == "query" }.compactMap { $0["name"]?.text } ?? []
        var faults = exchange.query.filter { !known.contains($0) }.map { "the parameter \($0) is not documented" }
        let content = operation["requestBody"]?["content"]
        if let schema = content?["application/json"]?["schema"] {
            faults +=
                Self.tree(exchange.requestBody).map { schemas.faults($0, schema, at: "$request") }
                ?? ["the request has no JSON body"]
        }
        return faults
    }

    private func content(_ body: [UInt8]?, _ type: String?, _ documented: JSONTree?) -> [String] {
        let mediaType = type?.split(separator: ";").first.map(String.init) ?? ""
        guard let media = documented?[mediaType] else { return ["the content type \(mediaType) is not documented"] }
        guard let schema = media["schema"] else { return [] }
        return Self.tree(body).map { schemas.faults($0, schema) } ?? ["the answer is no JSON"]
    }

    private static func tree(_ bytes: [UInt8]?) -> JSONTree? {
        bytes.flatMap { try? JSONDecoder().decode(JSONTree.self, from: Data($0)) }
    }

    /// The operation that a path means: one without parameters before one with.
    private func operation(_ exchange: Exchange) -> JSONTree? {
        let parts = exchange.path.split(separator: "/")
        let matching = (document["paths"]?.members ?? [:]).filter { template, methods in
            let wanted = template.split(separator: "/")
            return methods[exchange.method.lowercased()] != nil && wanted.count == parts.count
                && zip(wanted, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        let best = matching.min { $0.key.count { $0 == "{" } < $1.key.count { $0 == "{" } }
        return best?.value[exchange.method.lowercased()]
    }
}
