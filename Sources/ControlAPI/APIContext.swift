package import Hummingbird
import Logging

/// What a handler knows of a request besides the request itself.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        // Not the framework's own, which it keeps in the logger: one that drops metadata would take it along.
        requestID = Self.randomID()
        logger[metadataKey: "request.id"] = "\(requestID)"
    }

    /// Names the request in the answer's header and in the log.
    package let requestID: String

    /// 128 random bits, in hexadecimal.
    private static func randomID() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// The rest of the chain, as a middleware is handed it.
typealias NextResponder = @concurrent (Request, APIContext) async throws -> Response
