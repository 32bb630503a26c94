import ControlAPITypes
package import Hummingbird
package import Resources

/// The one place where a domain fault becomes HTTP.
extension TurnoutError.Code {
    /// `outcome_unknown` is 503 without `retry-after`: the caller must look at what is before it tries again, which
    /// the envelope's code says.
    package var status: HTTPResponse.Status {
        switch self {
        case .invalid: .badRequest
        case .invalidFiles: .unprocessableContent
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .alreadyExists, .conflict, .inUse: .conflict
        case .preconditionFailed: .preconditionFailed
        case .tooLarge: .contentTooLarge
        case .unavailable, .outcomeUnknown: .serviceUnavailable
        case .internal: .internalServerError
        }
    }
}

extension TurnoutError {
    /// What a client is told of any error. Only a `TurnoutError` speaks for itself; the rest is for the log.
    static func told(of error: any Error) -> TurnoutError {
        switch error {
        case let error as TurnoutError where error.code == .internal:
            TurnoutError(.internal, blandMessage, context: error.context ?? error.message)
        case let error as TurnoutError: error
        default: TurnoutError(.internal, blandMessage, context: String(describing: error))
        }
    }

    private static let blandMessage = "Something went wrong inside the server; its log has the request id."

    func response(requestID: String) throws -> Response {
        try JSONAnswer(
            ErrorEnvelope(
                error: .init(
                    code: code, message: message, requestId: requestID, faults: faults.isEmpty ? nil : faults)),
            status: code.status
        ).response()
    }
}
