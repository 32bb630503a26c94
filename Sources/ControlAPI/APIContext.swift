package import ControlPlane
package import Hummingbird
import Logging
package import Resources

/// What a handler knows of a request besides the request itself.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who asks. Set before any handler of a route that needs a caller runs.
    package var caller: Caller?

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        // Not the framework's own, which it keeps in the logger: one that drops metadata would take it along.
        requestID = Self.randomID()
        logger[metadataKey: "request.id"] = "\(requestID)"
    }

    /// Bytes of a JSON body at most; artifacts are streamed and have their own limit.
    package var maxUploadSize: Int { 8 * 1024 * 1024 }

    /// Names the request in the answer's header and in the log.
    package let requestID: String

    /// 128 random bits, in hexadecimal.
    private static func randomID() -> String {
        (0..<2).map { _ in
            let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// - Throws: `unauthenticated` on a route that does not ask for a caller.
    package func requireCaller() throws(TurnoutError) -> Caller {
        guard let caller else { throw TurnoutError(.unauthenticated, "This route takes no caller.") }
        return caller
    }
}

/// The rest of the chain, as a middleware is handed it.
typealias NextResponder = @concurrent (Request, APIContext) async throws -> Response
