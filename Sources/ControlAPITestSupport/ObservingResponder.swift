internal import ControlAPI
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Synchronization

/// Answers as another responder does, and checks what goes over the wire.
struct ObservingResponder<Wrapped: HTTPResponder>: HTTPResponder where Wrapped.Context == APIContext {
    let wrapped: Wrapped
    let check: ExchangeCheck
    let faults: Faults

    final class Faults: Sendable {
        private let found = Mutex<[String]>([])
        var all: [String] { found.withLock { $0 } }
        func add(_ faults: [String]) { found.withLock { $0 += faults } }
    }

    func respond(to request: Request, context: APIContext) async throws -> Response {
        var request = request
        let isJSON = request.headers[.contentType]?.hasPrefix("application/json") ?? false
        let sent = isJSON ? try await request.collectBody(upTo: 128 << 20) : nil
        var response = try await wrapped.respond(to: request, context: context)
        var answer: [UInt8]?
        if response.headers[.contentType]?.hasPrefix("application/json") ?? false {
            let collected = Collector()
            try await response.body.write(collected)
            answer = collected.bytes
            response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: collected.bytes))
        }
        let exchange = ExchangeCheck.Exchange(
            method: request.method.rawValue, path: request.uri.path,
            query: request.uri.queryParameters.map { "\($0.key)" },
            requestBody: sent.map { Array($0.readableBytesView) }, status: response.status.code,
            headers: Dictionary(response.headers.map { ($0.name.canonicalName, $0.value) }) { first, _ in first },
            answerBody: answer)
        let line = "\(request.method) \(request.uri) → \(response.status.code)"
        faults.add(check.faults(exchange).map { "\(line): \($0)" })
        return response
    }

    /// Takes a body that was made for a connection.
    private final class Collector: ResponseBodyWriter, Sendable {
        private let taken = Mutex<[UInt8]>([])
        var bytes: [UInt8] { taken.withLock { $0 } }

        func write(_ buffer: ByteBuffer) async throws { taken.withLock { $0 += Array(buffer.readableBytesView) } }
        func finish(_ trailers: HTTPFields?) async throws {}
    }
}
