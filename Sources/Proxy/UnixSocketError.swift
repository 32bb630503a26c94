import Glibc

/// Why two processes of one machine could not talk.
package struct UnixSocketError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// Nobody listens at the path.
        case nobodyThere
        /// The other end closed, or was killed.
        case closed
        case timedOut
        /// What came is no message.
        case malformed
        /// The system refused; the message says what and why.
        case system
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// - Parameter error: an errno.
    init(_ call: String, error: Int32) {
        let reason = unsafe String(cString: strerror(error))
        switch error {
        case ENOENT, ECONNREFUSED: self.init(.nobodyThere, "\(call): \(reason)")
        case EPIPE, ECONNRESET: self.init(.closed, "\(call): \(reason)")
        case EAGAIN: self.init(.timedOut, "\(call): no answer in time")
        default: self.init(.system, "\(call): \(reason)")
        }
    }

    package var description: String { message }
}
