import Proxy
import Resources

/// Where settings come from: a flag wins over an environment variable, and that over the default.
package struct Settings: Sendable {
    /// By flag, without dashes: `database-url`. Only what was given.
    let flags: [String: String]
    let environment: [String: String]

    package init(flags: [String: String?] = [:], environment: [String: String]) {
        self.flags = flags.compactMapValues { $0 }
        self.environment = environment
    }

    /// A setting as text. The variable is `TURNOUT_` and the flag in capitals, unless it has a name of its own.
    func text(_ flag: String, variable: String? = nil) -> String? {
        if let value = flags[flag] { return value }
        guard let value = environment[variable ?? Self.variable(flag)], !value.isEmpty else { return nil }
        return value
    }

    /// - Throws: a fault that names the key, when the text does not parse.
    func parsed<Value>(
        _ flag: String, variable: String? = nil, expected: String, _ parse: (String) -> Value?
    ) throws(ConfigurationFault) -> Value? {
        guard let text = text(flag, variable: variable) else { return nil }
        guard let value = parse(text) else {
            throw fault(flag, variable: variable, "'\(text)' can't be used: expected \(expected)")
        }
        return value
    }

    func address(_ flag: String, variable: String? = nil, default fallback: ListenAddress) throws(ConfigurationFault)
        -> ListenAddress
    {
        try parsed(flag, variable: variable, expected: "HOST:PORT such as 127.0.0.1:8700") {
            ListenAddress(parsing: $0)
        } ?? fallback
    }

    /// An address that the proxy binds itself: no name but `localhost`.
    func literalAddress(_ flag: String, default fallback: ListenAddress) throws(ConfigurationFault) -> ListenAddress {
        try parsed(flag, expected: "ADDRESS:PORT such as 127.0.0.1:8800 or [::1]:8800") { text in
            guard let address = ListenAddress(parsing: text) else { return nil }
            let host = address.host == "localhost" ? "127.0.0.1" : address.host
            guard SocketAddress(literal: host, port: 0) != nil else { return nil }
            return ListenAddress(host: host, port: address.port)
        } ?? fallback
    }

    func number(
        _ flag: String, in range: ClosedRange<Int>, default fallback: Int
    ) throws(ConfigurationFault) -> Int {
        try parsed(flag, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? fallback
    }

    /// A length of time, if one was given.
    func interval(_ flag: String, in range: ClosedRange<Interval>) throws(ConfigurationFault) -> Interval? {
        try parsed(flag, expected: "\(range.lowerBound) to \(range.upperBound), such as 5s or 1m30s") { text in
            Interval(parsing: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func fault(_ flag: String, variable: String? = nil, _ message: String) -> ConfigurationFault {
        ConfigurationFault(key: "--\(flag) (\(variable ?? Self.variable(flag)))", message: message)
    }

    private static func variable(_ flag: String) -> String {
        "TURNOUT_" + flag.uppercased().replacing("-", with: "_")
    }
}
