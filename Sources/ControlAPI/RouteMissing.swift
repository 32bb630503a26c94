import Hummingbird
import Resources

/// Answers what no route takes; a path that exists under other methods says which.
struct RouteMissing: RouterMiddleware {
    typealias Context = APIContext

    func handle(
        _ request: Request, context: APIContext,
        next: NextResponder
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            throw TurnoutError(.notFound, "\(request.method) \(request.uri.path) is not a route of this API.")
        }
    }
}
