/// What one endpoint document says: a name, and how its traffic is split.
package struct Endpoint: Sendable, Hashable, Codable {
    package var name: EndpointName
    /// Who answers for the endpoint; free text.
    package var owner: String?
    package var spec: EndpointSpec

    package init(name: EndpointName, owner: String? = nil, spec: EndpointSpec) {
        self.name = name
        self.owner = owner
        self.spec = spec
    }

    /// What is hashed before a routing key, so that two endpoints split their users independently.
    package var salt: String { spec.salt ?? name.rawValue }
}

/// The desired state of an endpoint, complete: every default filled in, every placeholder of a backend expanded,
/// `rest` turned into a number.
///
/// As parsed, `variants[].model` may still be an alias; as stored in a revision it never is.
package struct EndpointSpec: Sendable, Hashable, Codable {
    /// Host names (lower case, no port) that belong to this endpoint whole; `*` takes what no other endpoint does.
    package var hosts: [String]
    /// Absent: every request is split at random.
    package var routingKey: RoutingKey?
    /// Absent: the endpoint's name.
    package var salt: String?
    /// From the request's first byte to the answer's last.
    package var timeout: Interval
    package var retry: RetryPolicy
    /// Absent: as `EndpointLimits` without values.
    package var limits: EndpointLimits?
    /// Absent: backends are judged by connecting alone.
    package var health: HealthCheck?
    /// The first that matches wins over the split.
    package var overrides: [RoutingOverride]
    /// One or more, in the file's order, names unique, shares summing to exactly 100 %.
    package var variants: [Variant]

    package static let defaultTimeout = Interval.seconds(30)

    package init(
        hosts: [String] = [], routingKey: RoutingKey? = nil, salt: String? = nil,
        timeout: Interval = EndpointSpec.defaultTimeout, retry: RetryPolicy = RetryPolicy(),
        limits: EndpointLimits? = nil, health: HealthCheck? = nil, overrides: [RoutingOverride] = [],
        variants: [Variant]
    ) {
        self.hosts = hosts
        self.routingKey = routingKey
        self.salt = salt
        self.timeout = timeout
        self.retry = retry
        self.limits = limits
        self.health = health
        self.overrides = overrides
        self.variants = variants
    }
}

/// A named arm of an endpoint.
package struct Variant: Sendable, Hashable, Codable {
    package var name: VariantName
    package var model: VersionSelector
    package var traffic: Share
    /// At least one; the less busy of two of them is asked.
    package var backends: [Backend]

    package init(name: VariantName, model: VersionSelector, traffic: Share, backends: [Backend]) {
        self.name = name
        self.model = model
        self.traffic = traffic
        self.backends = backends
    }
}

/// The address of a scorer: `http://fraud-v12.internal:8080`.
package struct Backend: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// A host name in lower case, an IPv4 address, or an IPv6 address without brackets.
    package let host: String
    package let port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// `host:port` as a `Host` header or a metric's label has it.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    package var description: String { "http://\(authority)" }

    package static func < (left: Self, right: Self) -> Bool { (left.host, left.port) < (right.host, right.port) }
}

/// Where the value that a request is split by stands.
package struct RoutingKey: Sendable, Hashable, Codable {
    package enum Source: String, Sendable, Hashable, Codable, CaseIterable {
        case header
        case cookie
        case query
    }

    /// What becomes of a request without a key.
    package enum OnMissing: Sendable, Hashable {
        /// A fresh random bucket each time.
        case random
        /// Answered 400.
        case reject
        case variant(VariantName)
    }

    package var source: Source
    /// The header's name (lower case), the cookie's, or the query parameter's.
    package var name: String
    package var onMissing: OnMissing

    package init(source: Source, name: String, onMissing: OnMissing = .random) {
        self.source = source
        self.name = name
        self.onMissing = onMissing
    }
}

extension RoutingKey.OnMissing: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        switch text {
        case "random": self = .random
        case "reject": self = .reject
        default: self = .variant(try VariantName(from: decoder))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .random: try container.encode("random")
        case .reject: try container.encode("reject")
        case .variant(let name): try container.encode(name.rawValue)
        }
    }
}

/// When a request is sent again, to another backend of the same variant where there is one.
package struct RetryPolicy: Sendable, Hashable, Codable {
    package enum Condition: String, Sendable, Hashable, Codable, CaseIterable {
        /// The connection could not be made: nothing of the request was sent.
        case connect
        /// The connection ended before anything of the answer came; the scorer may have read the request.
        case reset
        /// The scorer answered 502, and the whole request is still at hand.
        case badGateway = "502"
        /// The scorer answered 503, and the whole request is still at hand.
        case unavailable = "503"
        /// The scorer answered 504, and the whole request is still at hand.
        case gatewayTimeout = "504"
    }

    /// Sendings beyond the first, 0 to 10.
    package var attempts: Int
    package var on: [Condition]
    /// Retries may be at most this share of the endpoint's requests, so that an outage is not multiplied.
    package var budget: Share
    /// How long a sending may go without anything of the answer before another backend is asked. Absent: for as long as
    /// the endpoint's timeout allows.
    package var perTryTimeout: Interval?
    /// How long a sending may go without anything of the answer before the request is sent to another backend as well,
    /// and the first good answer is taken. Absent: never.
    package var hedgeAfter: Interval?

    package static let defaultBudget = Share(buckets: 2000) ?? .zero

    package init(
        attempts: Int = 1, on: [Condition] = [.connect], budget: Share = RetryPolicy.defaultBudget,
        perTryTimeout: Interval? = nil, hedgeAfter: Interval? = nil
    ) {
        self.attempts = attempts
        self.on = on
        self.budget = budget
        self.perTryTimeout = perTryTimeout
        self.hedgeAfter = hedgeAfter
    }
}

/// How much of one proxy an endpoint may take; what is more is answered 503 at once.
package struct EndpointLimits: Sendable, Hashable, Codable {
    /// Requests at one time, over all threads. Absent: half of the connections that each thread takes.
    package var maxConcurrency: Int?
    /// Connections to one backend that carry a request, over all threads and the endpoints that have this limit. Absent:
    /// no limit.
    package var maxConnectionsPerBackend: Int?

    package init(maxConcurrency: Int? = nil, maxConnectionsPerBackend: Int? = nil) {
        self.maxConcurrency = maxConcurrency
        self.maxConnectionsPerBackend = maxConnectionsPerBackend
    }
}

/// An active check: `GET path` on every backend; any 2xx is healthy.
package struct HealthCheck: Sendable, Hashable, Codable {
    /// Starts with `/`.
    package var path: String
    package var every: Interval
    package var timeout: Interval
    /// Failures in a row until a backend gets no more requests; 1 or more.
    package var unhealthyAfter: Int

    package init(
        path: String, every: Interval = .seconds(2), timeout: Interval = .seconds(1), unhealthyAfter: Int = 3
    ) {
        self.path = path
        self.every = every
        self.timeout = timeout
        self.unhealthyAfter = unhealthyAfter
    }
}

/// Sends the requests that carry a header with exactly this value to one variant, whatever the split says.
package struct RoutingOverride: Sendable, Hashable, Codable {
    /// Lower case.
    package var header: String
    package var value: String
    package var variant: VariantName

    package init(header: String, value: String, variant: VariantName) {
        self.header = header
        self.value = value
        self.variant = variant
    }
}

extension Backend: Codable {
    /// Parses `http://host:port`; the port may be left out and is then 80.
    ///
    /// - Throws: `TurnoutError` with code `invalid`, saying which part is wrong.
    package init(parsing text: String) throws(TurnoutError) {
        let expected = "expected http://HOST:PORT"
        guard text.hasPrefix("http://") else {
            let reason =
                text.hasPrefix("https://")
                ? "TLS to scorers is not supported yet"
                : text.contains("://") ? "its scheme is not http" : "the scheme is missing"
            throw TurnoutError(.invalid, "'\(text)' is not a backend: \(reason); \(expected).")
        }
        var authority = text.dropFirst("http://".count)
        if authority.hasSuffix("/") { authority.removeLast() }
        let (host, portText) = Self.split(authority)
        guard Self.isHost(host) else {
            throw TurnoutError(.invalid, "'\(text)' is not a backend: '\(host)' is not a host name; \(expected).")
        }
        guard let portText else {
            self.init(host: host.lowercased(), port: 80)
            return
        }
        guard let port = UInt16(portText), port > 0, portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw TurnoutError(
                .invalid, "'\(text)' is not a backend: '\(portText)' is not a port (1 to 65535); \(expected).")
        }
        self.init(host: host.lowercased(), port: port)
    }

    /// Only what stands in brackets may hold colons; it keeps them, and so is told from a host name.
    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
        if authority.hasPrefix("["), let close = authority.lastIndex(of: "]") {
            let after = authority[authority.index(after: close)...]
            let host = authority[authority.index(after: authority.startIndex)..<close]
            guard isIPv6(host), after.isEmpty || after.hasPrefix(":") else { return (authority, nil) }
            return (host, after.isEmpty ? nil : after.dropFirst())
        }
        guard let colon = authority.firstIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    /// RFC 4291 in hexadecimal: eight groups of one to four digits, one run of them perhaps written `::`.
    private static func isIPv6(_ text: Substring) -> Bool {
        guard text.utf8.count <= 39, !text.hasPrefix(":::"), text.contains(":") else { return false }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        var count = 0
        for half in halves where !half.isEmpty {
            for group in half.split(separator: ":", omittingEmptySubsequences: false) {
                guard (1...4).contains(group.utf8.count), group.utf8.allSatisfy(isHex) else { return false }
                count += 1
            }
        }
        return halves.count == 2 ? count <= 7 : count == 8
    }

    private static func isHost(_ host: Substring) -> Bool {
        guard (1...253).contains(host.utf8.count) else { return false }
        if isIPv6(host) { return true }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        }
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(parsing: text)
        } catch {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: error.message))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
