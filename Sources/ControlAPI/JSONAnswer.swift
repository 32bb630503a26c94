import ControlAPITypes
import Foundation
package import Hummingbird

/// A handler's result: a value that becomes a JSON body.
package struct JSONAnswer<Value: Encodable & Sendable>: ResponseGenerator {
    package let value: Value
    package let status: HTTPResponse.Status

    package init(_ value: Value, status: HTTPResponse.Status = .ok) {
        self.value = value
        self.status = status
    }

    package func response(from request: Request, context: some RequestContext) throws -> Response {
        let body = try WireJSON.encoder().encode(value)
        return Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
