package import Resources

/// Why a call of the control API did not give an answer.
package struct ClientError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// No server answers at the address: nothing was done.
        case unreachable
        /// The connection broke, or no answer came in time: the request may or may not have been carried out.
        case lost
        /// The server said no, and why.
        case refused(TurnoutError.Code)
        /// Something answered that is not this API.
        case unexpectedAnswer
        /// The address or another setting of the client can't be used.
        case misconfigured
    }

    package let code: Code
    package let message: String
    /// What is wrong with the endpoints that were sent, field by field.
    package let faults: [EndpointFault]
    /// Names the request in the server's log.
    package let requestID: String?

    package init(_ code: Code, _ message: String, faults: [EndpointFault] = [], requestID: String? = nil) {
        self.code = code
        self.message = message
        self.faults = faults
        self.requestID = requestID
    }

    package var description: String { message }
}
