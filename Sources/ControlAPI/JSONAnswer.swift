import ControlAPITypes
import ControlPlane
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A handler's result: a value that becomes a JSON body.
struct JSONAnswer<Value: Encodable & Sendable> {
    let value: Value
    let status: HTTPResponse.Status
    let isTagged: Bool

    /// - Parameter isTagged: whether an `etag` names the value.
    init(_ value: Value, status: HTTPResponse.Status = .ok, isTagged: Bool = false) {
        self.value = value
        self.status = status
        self.isTagged = isTagged
    }

    func response() throws -> Response {
        let body = try WireJSON.encoder().encode(value)
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]
        if isTagged { headers[.eTag] = try EntityTag(of: value).description }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}
