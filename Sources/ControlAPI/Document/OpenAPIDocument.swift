import ControlAPITypes
import Foundation
import HTTPTypes
import Resources

/// The OpenAPI 3.1 document of some operations: what `/api/openapi.json` serves.
package struct OpenAPIDocument: Sendable {
    package let tree: JSONTree
    /// The wire's types, by name.
    package let schemas: [String: JSONTree]
    /// What it lacks: operations, types and fields that nobody described. A test demands that there is nothing.
    package let gaps: [String]

    /// - Throws: for a type of the wire that has no schema.
    init(_ operations: [Operation]) throws {
        let book = SchemaBook()
        var gaps: [String] = []
        var paths: [String: JSONTree] = [:]
        for operation in operations {
            let described = try Self.describe(operation, book, &gaps)
            let method = operation.method.rawValue.lowercased()
            paths[operation.path] = (paths[operation.path] ?? [:]).merging([method: described])
        }
        _ = try book.describe(ErrorEnvelope.self)
        schemas = book.components
        self.gaps = gaps + book.gaps
        tree = [
            "openapi": "3.1.0",
            "info": [
                "title": "Turnout's control API", "version": .string(ServerVersion.current.version),
                "summary": "The registry of models, and which version answers which scoring request.",
                "description": .string(DocumentWords.introduction),
                "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/", "description": "The server that this document came from."]],
            "tags": .array(
                DocumentWords.tags.map { ["name": .string($0.name), "description": .string($0.about)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(book.components),
                "securitySchemes": [
                    "token": [
                        "type": "http", "scheme": "bearer",
                        "description": "A token of `turnout token create`. `turnout dev` asks for none.",
                    ]
                ],
            ],
        ]
    }

    /// The document's text, indented and with sorted keys.
    package func bytes() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(tree))
    }

    private static func describe(
        _ operation: Operation, _ book: SchemaBook, _ gaps: inout [String]
    ) throws -> JSONTree {
        let tag = DocumentWords.tag(of: operation.path)
        if !DocumentWords.tags.contains(where: { $0.name == tag }) { gaps.append("the tag \(tag) has no words") }
        var members: [String: JSONTree] = [
            "operationId": .string(operation.id), "summary": .string(operation.summary), "tags": [.string(tag)],
            "responses": .object(try answers(operation, book)),
        ]
        var words = operation.details.map { [$0] } ?? []
        if case .role(let role) = operation.audience {
            members["security"] = [["token": []]]
            members["x-turnout-role"] = .string(role.rawValue)
            words.append("Takes the role `\(role.rawValue)`.")
        }
        if !words.isEmpty { members["description"] = .string(words.joined(separator: "\n\n")) }
        let parameters =
            operation.pathParameters.map { pathParameter($0, &gaps) } + operation.query.map(queryParameter)
            + headerParameters(operation)
        if !parameters.isEmpty { members["parameters"] = .array(parameters) }
        if let body = operation.body {
            var request: JSONTree = ["required": true, "content": try content(body, book)]
            switch body {
            case .json:
                let limit = operation.bodyLimit.rawValue / 1_048_576
                request = request.merging(["description": .string("At most \(limit) MiB.")])
            case .raw(_, let about): request = request.merging(["description": .string(about)])
            }
            members["requestBody"] = request
        }
        return .object(members)
    }

    private static func pathParameter(_ name: String, _ gaps: inout [String]) -> JSONTree {
        if DocumentWords.pathParameters[name] == nil { gaps.append("the path parameter \(name) has no words") }
        let (about, schema) = DocumentWords.pathParameters[name] ?? (name, ["type": "string"])
        return ["name": .string(name), "in": "path", "required": true, "description": .string(about), "schema": schema]
    }

    private static func queryParameter(_ parameter: QueryParameter) -> JSONTree {
        [
            "name": .string(parameter.name), "in": "query", "required": .bool(parameter.isRequired),
            "description": .string(parameter.about), "schema": parameter.schema,
        ]
    }

    private static func headerParameters(_ operation: Operation) -> [JSONTree] {
        var parameters: [JSONTree] = []
        if operation.traits.contains(.keyed) {
            parameters.append([
                "name": .string(APIHeader.idempotencyKey), "in": "header", "required": false,
                "description": "Names this intent: sent again with the same key, the request has no second effect.",
                "schema": [
                    "type": "string", "pattern": "^[!-~]{1,255}$",
                    "examples": ["0b6f5a1e-9d0e-4c43-8a53-6e1f0c1d7f7e"],
                ],
            ])
        }
        if operation.traits.contains(.conditional) {
            parameters.append([
                "name": "if-match", "in": "header", "required": false,
                "description": "The `etag` of what the caller has seen: refused when it has changed since.",
                "schema": ["type": "string", "pattern": #"^(\*|"[0-9a-f]{32}")$"#],
            ])
        }
        return parameters
    }

    private static func content(_ content: Operation.Content, _ book: SchemaBook) throws -> JSONTree {
        switch content {
        case .json(let type):
            ["application/json": ["schema": try book.describe(type).schema, "example": try book.example(type)]]
        case .raw(let mediaType, _):
            // Any bytes: 3.1 says so by saying nothing.
            [mediaType: [:]]
        }
    }

    private static func answers(_ operation: Operation, _ book: SchemaBook) throws -> [String: JSONTree] {
        var headers: [String: JSONTree] = [
            APIHeader.requestID: [
                "description": "Names the request in the server's log.", "required": true,
                "schema": ["type": "string", "pattern": "^[0-9a-f]{32}$"],
            ]
        ]
        var answers: [String: JSONTree] = [:]
        for (status, codes) in Dictionary(grouping: operation.codes, by: \.status.code) {
            let sorted = codes.sorted { $0.rawValue < $1.rawValue }
            answers[String(status)] = refusal(sorted, headers)
        }
        if operation.traits.contains(.tagged) {
            headers["etag"] = [
                "description": "Names what is answered; for `if-match`.", "required": true,
                "schema": ["type": "string", "pattern": #"^"[0-9a-f]{32}"$"#],
            ]
        }
        let about: String =
            switch operation.answer {
            case .json(let type): (type as? any Described.Type)?.about ?? "Done."
            case .raw(_, let about): about
            }
        answers[String(operation.status.code)] = [
            "description": .string(about), "headers": .object(headers),
            "content": try content(operation.answer, book),
        ]
        return answers
    }

    private static func refusal(_ codes: [TurnoutError.Code], _ headers: [String: JSONTree]) -> JSONTree {
        let lines = codes.map { "`\($0.rawValue)`: \(DocumentWords.meaning(of: $0))" }
        let names = JSONTree.array(codes.map { .string($0.rawValue) })
        return [
            "description": .string(lines.joined(separator: "\n\n")), "headers": .object(headers),
            "content": [
                "application/json": [
                    "schema": [
                        "allOf": [
                            ["$ref": "#/components/schemas/ErrorEnvelope"],
                            ["properties": ["error": ["properties": ["code": ["enum": names]]]]],
                        ]
                    ]
                ]
            ],
        ]
    }
}
