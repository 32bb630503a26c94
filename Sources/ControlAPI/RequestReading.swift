import ControlAPITypes
import Foundation
package import Hummingbird
package import Resources

/// How handlers read a request: every fault becomes a `TurnoutError` that names what is wrong.
extension Request {
    /// The JSON body as a value.
    ///
    /// - Throws: `TurnoutError` with code `invalid` (naming the field) or `too_large`.
    package func body<Value: Decodable>(as type: Value.Type, _ context: APIContext) async throws -> Value {
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: context.maxUploadSize)
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            throw TurnoutError(.tooLarge, "The body is over \(context.maxUploadSize) bytes.")
        }
        do {
            return try WireJSON.decoder().decode(type, from: Data(buffer.readableBytesView))
        } catch let error as DecodingError {
            throw TurnoutError(.invalid, "The body is not what this route takes: \(Self.explain(error)).")
        }
    }

    /// A query parameter, percent-decoded.
    package func query(_ name: String) -> String? {
        uri.queryParameters[name[...]].map(String.init)
    }

    /// A query parameter as a whole number of 0 or more.
    package func whole(_ name: String) throws -> Int? {
        guard let text = query(name) else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw TurnoutError(.invalid, "\(name) is '\(text)': expected a whole number of 0 or more.")
        }
        return number
    }

    /// `?limit=&cursor=`
    package func page() throws -> PageRequest {
        guard let text = query("limit") else { return try PageRequest(cursor: query("cursor")) }
        guard let limit = Int(text) else { throw TurnoutError(.invalid, "limit is '\(text)': expected a number.") }
        return try PageRequest(limit: limit, cursor: query("cursor"))
    }

    private static func explain(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "\(path(context.codingPath + [key])) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(path(context.codingPath)): \(context.debugDescription.trimmingSuffix("."))"
        @unknown default: "it can't be decoded"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        var text = ""
        for key in keys {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return text.isEmpty ? "the document" : text
    }
}

extension APIContext {
    /// A path parameter, percent-decoded: `models/:model` has `model`.
    package func parameter(_ name: String) throws -> String {
        guard let raw = parameters.get(name), let text = raw.removingPercentEncoding else {
            throw TurnoutError(.invalid, "The path's \(name) is not valid text.")
        }
        return text
    }

    /// A path parameter as a checked name.
    package func parameter<Name: ValidatedName>(_ name: String, as type: Name.Type) throws -> Name {
        try Name(validating: parameter(name))
    }

    /// A path parameter as a number of at least 1: a version, a release, a revision.
    package func ordinal(_ name: String) throws -> Int {
        let text = try parameter(name)
        guard let number = Int(text), number > 0 else {
            throw TurnoutError(.invalid, "The path's \(name) is '\(text)': expected a number of 1 or more.")
        }
        return number
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
