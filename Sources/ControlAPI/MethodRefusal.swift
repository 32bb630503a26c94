import ControlAPITypes
import HTTPTypes
import Hummingbird
import Resources

/// Answers a known path under a method that it does not take: 405, and which it does.
struct MethodRefusal {
    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .patch, .delete, .options, .trace, .query,
    ]

    /// To be called once every route is there.
    static func add(to router: Router<APIContext>) {
        let taken = Dictionary(grouping: router.routes, by: { $0.path.description })
        for routes in taken.values {
            guard let path = routes.first?.path else { continue }
            let allowed = routes.map(\.method)
            for method in methods where !allowed.contains(method) {
                router.on(path, method: method) { request, context in
                    try refuse(request, context, allowed: allowed.map(\.rawValue).sorted().joined(separator: ", "))
                }
            }
        }
    }

    private static func refuse(_ request: Request, _ context: APIContext, allowed: String) throws -> Response {
        let fault = TurnoutError(.invalid, "\(request.uri.path) takes \(allowed), not \(request.method).")
        var response = try fault.response(requestID: context.requestID)
        response.status = .methodNotAllowed
        response.headers[.allow] = allowed
        return response
    }
}

extension HTTPRequest.Method {
    /// GET with a body: every token is a method that someone may send.
    fileprivate static var query: HTTPRequest.Method { HTTPRequest.Method("QUERY") ?? .get }
}
