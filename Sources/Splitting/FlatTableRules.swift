import Resources

/// What a table must fulfil before it may be served.
enum FlatTableRules {
    static func check(_ table: RoutingTable) throws(TurnoutError) {
        var hosts: [String: EndpointName] = [:]
        var previous: EndpointName?
        for route in table.routes {
            if let previous, previous == route.endpoint { throw fault(route, "stands in the table twice") }
            previous = route.endpoint
            try check(route)
            for host in route.hosts {
                if let other = hosts.updateValue(route.endpoint, forKey: host) {
                    throw fault(route, "claims the host '\(host)', which belongs to '\(other)'")
                }
            }
        }
    }

    private static func check(_ route: RoutingTable.Route) throws(TurnoutError) {
        var names: Set<VariantName> = []
        for arm in route.variants {
            guard names.insert(arm.name).inserted else { throw fault(route, "has two variants named '\(arm.name)'") }
            guard !arm.backends.isEmpty else { throw fault(route, "has no backend for the variant '\(arm.name)'") }
            guard arm.version.version > 0 else { throw fault(route, "names a version below 1 in '\(arm.name)'") }
        }
        var next = 0
        for range in route.variants.flatMap(\.ranges).sorted() {
            guard range.lower == next else { throw fault(route, "does not give every bucket to exactly one variant") }
            next = range.upper
        }
        guard next == BucketRange.bucketCount else {
            throw fault(route, "does not give every bucket to exactly one variant")
        }
        for override in route.overrides {
            guard names.contains(override.variant) else {
                throw fault(route, "overrides to the variant '\(override.variant)', which it does not have")
            }
            guard isLowerCaseToken(override.header), isFieldValue(override.value) else {
                throw fault(route, "overrides by the header '\(override.header)', which can't be matched")
            }
        }
        if let key = route.routingKey {
            if case .variant(let name) = key.onMissing, !names.contains(name) {
                throw fault(route, "sends requests without a key to '\(name)', which it does not have")
            }
            guard key.source == .query ? !key.name.isEmpty : isToken(key.name),
                key.source != .header || isLowerCaseToken(key.name)
            else { throw fault(route, "takes its routing key from '\(key.name)', which is no valid name") }
        }
        for host in route.hosts where host != host.lowercased() || host.isEmpty {
            throw fault(route, "has the host '\(host)', which is not lower case")
        }
        try checkNumbers(route)
    }

    private static func checkNumbers(_ route: RoutingTable.Route) throws(TurnoutError) {
        guard (0...10).contains(route.retry.attempts), route.revision >= 0 else {
            throw fault(route, "has a number out of range")
        }
        if let perTry = route.retry.perTryTimeout, !RetryPolicy.perTryTimeoutRange.contains(perTry) {
            throw fault(route, "has a time for each try that is out of range")
        }
        if let hedgeAfter = route.retry.hedgeAfter, !RetryPolicy.hedgeAfterRange.contains(hedgeAfter) {
            throw fault(route, "has a time until another backend is asked as well that is out of range")
        }
        for limit in [route.limits?.maxConcurrency, route.limits?.maxConnectionsPerBackend] {
            guard let limit, !EndpointLimits.range.contains(limit) else { continue }
            throw fault(route, "has a limit out of range")
        }
        if let health = route.health {
            guard health.path.hasPrefix("/"), health.path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
                (1...1_000_000).contains(health.unhealthyAfter)
            else { throw fault(route, "has a health check that can't be made") }
        }
    }

    private static func fault(_ route: RoutingTable.Route, _ what: String) -> TurnoutError {
        TurnoutError(.invalid, "The endpoint '\(route.endpoint)' can't be routed: it \(what).")
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    private static func isLowerCaseToken(_ text: String) -> Bool {
        isToken(text) && !text.utf8.contains { (0x41...0x5a).contains($0) }
    }

    private static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 }
    }
}
