import Hummingbird
import Resources

/// Keeps web pages away from a server that asks for no token: a page may neither name it by a rebound DNS name nor
/// send to it across origins.
struct BrowserGuard: RouterMiddleware {
    typealias Context = APIContext

    /// Host names without port, lower case.
    let hosts: Set<String>

    func handle(
        _ request: Request, context: APIContext,
        next: NextResponder
    ) async throws -> Response {
        let host = Self.hostName(request.head.authority ?? "")
        guard hosts.contains(host) else {
            throw TurnoutError(.forbidden, "The host '\(host)' is not one that this server answers to.")
        }
        guard request.headers[.origin] == nil else {
            throw TurnoutError(.forbidden, "Requests from web pages are refused.")
        }
        return try await next(request, context)
    }

    private static func hostName(_ authority: String) -> String {
        let lower = authority.lowercased()
        if lower.hasPrefix("["), let close = lower.firstIndex(of: "]") { return String(lower[...close]) }
        return String(lower.prefix { $0 != ":" })
    }
}
