package import Resources

/// A fault with a list: the diagnostics of endpoint files, the users of what should be deleted.
package struct DetailedError: Error, Sendable {
    package let error: TurnoutError
    package let details: [String]

    package init(_ error: TurnoutError, details: [String]) {
        self.error = error
        self.details = details
    }
}
