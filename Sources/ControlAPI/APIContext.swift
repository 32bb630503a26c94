package import ControlPlane
package import Hummingbird
package import Resources

/// What a handler knows of a request besides the request itself.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Who asks. Set before any handler of a route that needs a caller runs.
    package var caller: Caller?

    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
    }

    /// Bytes of a JSON body at most; artifacts are streamed and have their own limit.
    package var maxUploadSize: Int { 8 * 1024 * 1024 }

    /// Names the request in the answer's header and in the log.
    package var requestID: String { id }

    /// - Throws: `unauthenticated` on a route that does not ask for a caller.
    package func requireCaller() throws(TurnoutError) -> Caller {
        guard let caller else { throw TurnoutError(.unauthenticated, "This route takes no caller.") }
        return caller
    }
}

/// The rest of the chain, as a middleware is handed it.
typealias NextResponder = @concurrent (Request, APIContext) async throws -> Response
