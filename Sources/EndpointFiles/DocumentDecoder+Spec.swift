import Resources

extension DocumentDecoder {
    /// - Parameter hosts: Already read, since they are needed also where the spec has faults.
    mutating func spec(_ spec: Section, hosts: [String]) -> DeclaredSpec? {
        let shared = spec["backends"].map { templates($0, key: "backends") }
        let arms = spec["variants"].map {
            self.variants($0, shared: shared, keyPosition: spec.keyPositions["variants"])
        }
        let names = arms?.names
        var declared = DeclaredSpec(hosts: hosts, variants: arms?.variants ?? [])
        declared.routingKey = spec["routingKey"].flatMap { routingKey($0, variants: names) }
        declared.salt = spec["salt"].flatMap { text($0, key: "salt", maxBytes: EndpointSpec.saltBytesLimit) }
        let timeout = spec["timeout"].flatMap { interval($0, key: "timeout", in: EndpointSpec.timeoutRange) }
        if let timeout { declared.timeout = timeout }
        if let node = spec["retry"], let retry = section(node, .retry) {
            declared.retry = self.retry(retry)
            // Not held against a timeout that is wrong itself.
            let known = spec["timeout"] == nil ? declared.timeout : timeout
            if let conflict = declared.retry.hedgingConflict(timeout: known), let hedging = retry["hedgeAfter"] {
                report(conflict, hedging, with: retry[conflict.field] ?? spec[conflict.field])
            }
        }
        declared.limits = spec["limits"].flatMap { limits($0) }
        declared.health = spec["health"].flatMap { health($0) }
        declared.overrides = spec["overrides"].map { overrides($0, variants: names) } ?? []
        return arms?.variants == nil ? nil : declared
    }

    mutating func hosts(_ node: YAMLNode) -> [Located<String>] {
        guard let nodes = list(node, key: "hosts", of: "host names", limit: EndpointSpec.listLimit) else { return [] }
        var hosts: [Located<String>] = []
        for node in nodes {
            guard let text = plainText(node, key: "hosts", expected: "a host name") else { continue }
            guard HostName.isValid(text) else {
                log.error(
                    .invalidValue, at: node.position, "\(quoted(text)) is not a host", expected: HostName.expectation,
                    help: Self.hostHelp(text))
                continue
            }
            let host = text.lowercased()
            if let first = hosts.first(where: { $0.value == host }) {
                log.error(
                    .duplicateHost, at: node.position,
                    "the host '\(host)' is listed twice; first \(log.place(of: first.position, from: node.position))")
                continue
            }
            hosts.append(Located(value: host, position: node.position))
        }
        return hosts
    }

    private static func hostHelp(_ text: String) -> String? {
        if text.hasPrefix("*.") { return "only '*' alone is a wildcard; list the names" }
        var host = text[...]
        for scheme in ["http://", "https://"] where host.hasPrefix(scheme) { host = host.dropFirst(scheme.count) }
        host = host.prefix { $0 != "/" && $0 != ":" }
        return host != text[...] && HostName.isValid(String(host)) ? "did you mean '\(host)'?" : nil
    }

    private mutating func retry(_ retry: Section) -> RetryPolicy {
        var policy = RetryPolicy()
        if let node = retry["attempts"], let count = integer(node, key: "attempts", in: RetryPolicy.attemptsRange) {
            policy.attempts = count
        }
        if let node = retry["on"], let nodes = list(node, key: "on", of: "conditions such as connect", limit: 16) {
            policy.on = []
            for node in nodes {
                guard let condition = word(RetryPolicy.Condition.self, node, key: "on") else { continue }
                if policy.on.contains(condition) {
                    log.error(.duplicateValue, at: node.position, "'\(condition.rawValue)' is listed twice in 'on'")
                } else {
                    policy.on.append(condition)
                }
            }
            if nodes.isEmpty {
                log.error(
                    .emptyList, at: node.position, "'on' lists nothing",
                    expected: alternatives(RetryPolicy.Condition.allCases.map(\.rawValue)),
                    help: "to send nothing twice, write attempts: 0")
            }
        }
        if let node = retry["budget"], let budget = share(node, key: "budget") { policy.budget = budget }
        policy.perTryTimeout = retry["perTryTimeout"].flatMap {
            interval($0, key: "perTryTimeout", in: RetryPolicy.perTryTimeoutRange)
        }
        policy.hedgeAfter = retry["hedgeAfter"].flatMap {
            interval($0, key: "hedgeAfter", in: RetryPolicy.hedgeAfterRange)
        }
        return policy
    }

    /// At the one of the two that an overlay brought in, if only the other was there before.
    private mutating func report(_ conflict: HedgingConflict, _ hedging: YAMLNode, with other: YAMLNode?) {
        let isOlder = hedging.position.source == ownSource
        let newer = isOlder ? other.map(\.position).flatMap { $0.source == ownSource ? nil : $0 } : nil
        log.error(
            .conflictingKeys, at: newer ?? hedging.position, conflict.problem, expected: conflict.expected)
    }

    /// - Returns: `nil` also where no limit is given.
    mutating func limits(_ node: YAMLNode) -> EndpointLimits? {
        guard let section = section(node, .limits) else { return nil }
        let limits = EndpointLimits(
            maxConcurrency: section["maxConcurrency"].flatMap {
                integer($0, key: "maxConcurrency", in: EndpointLimits.range)
            },
            maxConnectionsPerBackend: section["maxConnectionsPerBackend"].flatMap {
                integer($0, key: "maxConnectionsPerBackend", in: EndpointLimits.range)
            })
        return limits == EndpointLimits() ? nil : limits
    }

    mutating func health(_ node: YAMLNode) -> HealthCheck? {
        guard let health = section(node, .health) else { return nil }
        var check = HealthCheck(path: "/")
        if let node = health["path"], let path = plainText(node, key: "path", expected: "a path such as /healthz") {
            let isPath = path.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }
            if path.hasPrefix("/"), isPath, path.utf8.count <= 1024 {
                check.path = path
            } else {
                log.error(
                    .invalidValue, at: node.position, "'path' can't be \(quoted(path))",
                    expected: "a path that starts with '/', of printable ASCII without blanks and '#'",
                    help: isPath && !path.contains("://") ? "did you mean '/\(path.prefix(60))'?" : nil)
            }
        }
        if let node = health["every"], let every = interval(node, key: "every", in: HealthCheck.intervalRange) {
            check.every = every
        }
        if let node = health["timeout"], let timeout = interval(node, key: "timeout", in: HealthCheck.intervalRange) {
            check.timeout = timeout
        }
        if let node = health["unhealthyAfter"],
            let count = integer(node, key: "unhealthyAfter", in: HealthCheck.unhealthyAfterRange)
        {
            check.unhealthyAfter = count
        }
        return check
    }
}
