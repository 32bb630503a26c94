/// A fault with a message for the caller and, apart from it, context for the operator.
///
/// Thrown by the stores and the use cases. Each transport turns `code` into its own vocabulary in exactly one
/// file: an HTTP status, an exit code.
package struct TurnoutError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable, Codable, CaseIterable {
        /// The request is malformed or breaks a rule; sending it again unchanged fails again.
        case invalid
        /// The endpoints have faults; `faults` lists them, where the registry found them.
        case invalidFiles = "invalid_files"
        case unauthenticated
        case forbidden
        case notFound = "not_found"
        case alreadyExists = "already_exists"
        /// The state moved on since the caller looked at it.
        case conflict
        /// What the caller has seen, and named in `if-match`, is no longer so.
        case preconditionFailed = "precondition_failed"
        /// Something still uses what should be deleted or changed.
        case inUse = "in_use"
        /// A caller's body or a list is over its limit.
        case tooLarge = "too_large"
        /// The store can't be reached just now; the same call may succeed later.
        case unavailable
        /// The commit may or may not have happened: look before trying again.
        case outcomeUnknown = "outcome_unknown"
        case `internal`
    }

    package let code: Code
    /// What happened and what to do about it, for the caller.
    package let message: String
    /// What only the operator should see: statements, addresses, underlying errors.
    package let context: String?
    /// One by one, where there may be several: each with the field that has it.
    package let faults: [EndpointFault]

    package init(_ code: Code, _ message: String, context: String? = nil, faults: [EndpointFault] = []) {
        self.code = code
        self.message = message
        self.context = context
        self.faults = faults
    }

    package var description: String { message }
}
