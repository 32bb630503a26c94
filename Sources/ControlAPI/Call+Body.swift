import ControlAPITypes
import Foundation
import Hummingbird
import NIOCore
import Resources

extension Call {
    /// The JSON body as a value. A field that the value does not have is refused: silently left out, it would look done.
    ///
    /// - Throws: `TurnoutError` with code `invalid` (naming the field) or `too_large`.
    func body<Value: Decodable>(as type: Value.Type, limit: BodyLimit) async throws -> Value {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: limit.rawValue)
        } catch let error as any HTTPResponseError where error.status == .contentTooLarge {
            throw TurnoutError(
                .tooLarge, "The body is over \(limit.rawValue / 1_048_576) MiB, which is the most that is taken here.")
        }
        let data = Data(buffer.readableBytesView)
        do {
            let value = try WireJSON.decoder().decode(type, from: data)
            if let stray = try BodyFields(schemas: schemas).stray(in: data, of: type) {
                throw TurnoutError(.invalid, "The body is not what this route takes: \(stray).")
            }
            return value
        } catch let error as DecodingError {
            throw TurnoutError(.invalid, "The body is not what this route takes: \(Self.explain(error)).")
        }
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

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
