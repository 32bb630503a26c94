import ControlAPITypes
import Hummingbird
import Logging
import Resources

/// Outermost: gives every answer its request id, and every error its envelope and its one log line; counts both.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let requests: RequestMetrics

    func handle(
        _ request: Request, context: APIContext,
        next: NextResponder
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = try answer(to: error, request, context)
        }
        if let name = HTTPFields.Element.Name(APIHeader.requestID) { response.headers[name] = context.requestID }
        requests.record(
            method: request.method.rawValue, path: Self.route(context), status: response.status.code,
            took: .now - start)
        return response
    }

    /// The template of the route that took the request.
    private static func route(_ context: APIContext) -> String? {
        guard let path = context.endpointPath, path.hasPrefix("/") else { return nil }
        return path
    }

    private func answer(to error: any Error, _ request: Request, _ context: APIContext) throws -> Response {
        let told = TurnoutError.told(of: error)
        log(told, request, context)
        var response = try told.response(requestID: context.requestID)
        switch told.code {
        case .unavailable: response.headers[.retryAfter] = "1"
        case .unauthenticated: response.headers[.wwwAuthenticate] = "Bearer"
        default: break
        }
        return response
    }

    private func log(_ error: TurnoutError, _ request: Request, _ context: APIContext) {
        var metadata: Logger.Metadata = [
            "http.method": "\(request.method)", "http.path": "\(request.uri.path)",
            "error.code": "\(error.code.rawValue)",
            "error.message": "\(error.message)",
        ]
        if let detail = error.context { metadata["error.context"] = "\(detail)" }
        switch error.code {
        case .internal: context.logger.error("A request failed inside the server", metadata: metadata)
        case .unavailable, .outcomeUnknown: context.logger.warning("A request found the store away", metadata: metadata)
        default: context.logger.debug("A request was refused", metadata: metadata)
        }
    }
}
