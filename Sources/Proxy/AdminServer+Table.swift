import Resources
import Splitting

/// The table that is served, with what is known of its backends, as JSON for people and their tools.
enum TablePage {
    static func json(_ table: FlatTable, _ backends: [BackendStatus]) -> String {
        let known = Dictionary(backends.map { ($0.checked, $0) }, uniquingKeysWith: { first, _ in first })
        var json = JSONText()
        json.object { json in
            json.number("generation", table.generation)
            json.string("digest", hexadecimal(table.digest))
            json.array("endpoints") { json in
                for route in table.routingTable.routes { write(route, known, &json) }
            }
        }
        return json.text
    }

    private static func write(
        _ route: RoutingTable.Route, _ known: [CheckedBackend: BackendStatus], _ json: inout JSONText
    ) {
        json.object { json in
            json.string("endpoint", route.endpoint.rawValue)
            json.number("revision", route.revision)
            json.array("hosts") { json in for host in route.hosts { json.string(nil, host) } }
            if let key = route.routingKey {
                json.object("routingKey") { json in
                    json.string(key.source.rawValue, key.name)
                    json.string("onMissing", text(key.onMissing))
                }
            } else {
                json.string("routingKey", nil)
            }
            json.string("salt", route.salt)
            json.string("timeout", route.timeout.description)
            write(route.retry, &json)
            write(route.limits, &json)
            write(route.health, &json)
            json.array("overrides") { json in
                for override in route.overrides {
                    json.object { json in
                        json.string("header", override.header)
                        json.string("value", override.value)
                        json.string("variant", override.variant.rawValue)
                    }
                }
            }
            json.array("variants") { json in for arm in route.variants { write(arm, of: route, known, &json) } }
        }
    }

    private static func write(_ retry: RetryPolicy, _ json: inout JSONText) {
        json.object("retry") { json in
            json.number("attempts", retry.attempts)
            json.array("on") { json in for condition in retry.on { json.string(nil, condition.rawValue) } }
            json.decimal("budget", retry.budget.percent)
            json.string("perTryTimeout", retry.perTryTimeout?.description)
            json.string("hedgeAfter", retry.hedgeAfter?.description)
        }
    }

    private static func write(_ limits: EndpointLimits?, _ json: inout JSONText) {
        json.object("limits") { json in
            if let limit = limits?.maxConcurrency { json.number("maxConcurrency", limit) }
            if let limit = limits?.maxConnectionsPerBackend { json.number("maxConnectionsPerBackend", limit) }
        }
    }

    private static func write(_ health: HealthCheck?, _ json: inout JSONText) {
        guard let health else {
            json.string("health", nil)
            return
        }
        json.object("health") { json in
            json.string("path", health.path)
            json.string("every", health.every.description)
            json.string("timeout", health.timeout.description)
            json.number("unhealthyAfter", health.unhealthyAfter)
        }
    }

    private static func write(
        _ arm: RoutingTable.Arm, of route: RoutingTable.Route, _ known: [CheckedBackend: BackendStatus],
        _ json: inout JSONText
    ) {
        json.object { json in
            json.string("name", arm.name.rawValue)
            json.string("model", arm.version.model.rawValue)
            json.number("version", arm.version.version)
            json.number("buckets", arm.ranges.reduce(0) { $0 + $1.count })
            json.array("ranges") { json in
                for range in arm.ranges {
                    json.array { json in
                        json.number(nil, range.lower)
                        json.number(nil, range.upper)
                    }
                }
            }
            json.array("backends") { json in
                for backend in arm.backends {
                    write(backend, known[CheckedBackend(backend, check: route.health)], &json)
                }
            }
        }
    }

    private static func write(_ backend: Backend, _ status: BackendStatus?, _ json: inout JSONText) {
        json.object { json in
            json.string("backend", backend.description)
            guard let status else { return json.string("health", "unknown") }
            json.string("health", !status.isHealthy ? "unhealthy" : status.isOutlier ? "outlier" : "healthy")
            json.string("since", status.since.description)
            json.string("lastError", status.lastError)
            json.array("addresses") { json in
                for address in status.addresses { json.string(nil, address.description) }
            }
        }
    }

    private static func text(_ onMissing: RoutingKey.OnMissing) -> String {
        switch onMissing {
        case .random: "random"
        case .reject: "reject"
        case .variant(let name): name.rawValue
        }
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
