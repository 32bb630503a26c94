/// A setting that can't be used. Found before any port is bound.
package struct ConfigurationFault: Error, Sendable, CustomStringConvertible {
    /// The flag and the variable that set it: `--proxy (TURNOUT_PROXY)`.
    package let key: String
    /// What is wrong, and what was expected.
    package let message: String

    package init(key: String, message: String) {
        self.key = key
        self.message = message
    }

    package var description: String { "\(key): \(message)" }
}
