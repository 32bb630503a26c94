package import Resources

/// The body of every answer that is not a success: `{"error": {"code": …, "message": …, "requestId": …}}`.
package struct ErrorEnvelope: Sendable, Hashable, Codable {
    package struct Body: Sendable, Hashable, Codable {
        package var code: TurnoutError.Code
        /// What happened and what to do about it.
        package var message: String
        /// The same as the header `x-request-id`; the server's log has it too.
        package var requestId: String
        /// What is wrong with the endpoints that were sent, field by field; absent where that is not the matter.
        package var faults: [EndpointFault]?

        package init(
            code: TurnoutError.Code, message: String, requestId: String, faults: [EndpointFault]? = nil
        ) {
            self.code = code
            self.message = message
            self.requestId = requestId
            self.faults = faults
        }
    }

    package var error: Body

    package init(error: Body) { self.error = error }
}
