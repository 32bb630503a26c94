package import Resources

/// The body of every answer that is not a success: `{"error": {"code": …, "message": …, "requestId": …}}`.
package struct ErrorEnvelope: Sendable, Hashable, Codable {
    package struct Body: Sendable, Hashable, Codable {
        package var code: TurnoutError.Code
        /// What happened and what to do about it.
        package var message: String
        /// The same as the header `x-request-id`; the server's log has it too.
        package var requestId: String
        /// One line a fault, where there are several: the diagnostics of endpoint files, the users of what should be
        /// deleted.
        package var details: [String]?

        package init(code: TurnoutError.Code, message: String, requestId: String, details: [String]? = nil) {
            self.code = code
            self.message = message
            self.requestId = requestId
            self.details = details
        }
    }

    package var error: Body

    package init(error: Body) { self.error = error }
}
