import Resources

/// Turns a checked table into bytes; used once.
struct FlatTableCompiler {
    private typealias Layout = FlatTableLayout

    private var routes = ByteWriter()
    private var arms = ByteWriter()
    private var ranges = ByteWriter()
    private var references = ByteWriter()
    private var backends = ByteWriter()
    private var overrides = ByteWriter()
    private var hosts = ByteWriter()
    private var strings: [UInt8] = []
    private var interned: [String: UInt32] = [:]
    private var backendIndices: [CheckedBackend: UInt32] = [:]
    private var format = FlatTableLayout.Format.second

    mutating func compile(_ table: RoutingTable) throws(TurnoutError) -> [UInt8] {
        try FlatTableRules.check(table)
        format = Layout.Format.of(table.routes)
        for (index, backend) in table.backends.enumerated() { append(backend, index: UInt32(index)) }
        for route in table.routes { append(route) }
        let sections: [(Layout.Section, [UInt8])] = [
            (.routes, routes.bytes), (.arms, arms.bytes), (.ranges, ranges.bytes),
            (.backendReferences, references.bytes), (.backends, backends.bytes), (.overrides, overrides.bytes),
            (.hosts, hosts.bytes), (.strings, strings),
        ]
        let length = sections.reduce(Layout.Header.size) { $0 + $1.1.count }
        guard length <= Int(UInt32.max) else {
            throw TurnoutError(.invalid, "The routing table would be larger than 4 GiB.")
        }
        var body = ByteWriter()
        body.put64(table.generation)
        for (section, bytes) in sections { body.put32(UInt32(bytes.count / section.elementSize(format))) }
        for (_, bytes) in sections { body.bytes += bytes }
        var block = ByteWriter()
        block.bytes = Layout.magic
        block.put32(format.rawValue)
        block.put32(0)
        block.put64(UInt64(length))
        block.put64(XXH64.hash(body.bytes, seed: UInt64(length)))
        return block.bytes + body.bytes
    }

    private mutating func append(_ route: RoutingTable.Route) {
        let armIndices = Dictionary(uniqueKeysWithValues: route.variants.enumerated().map { ($1.name, UInt32($0)) })
        routes.put(text: intern(route.endpoint.rawValue))
        routes.put(text: intern(route.salt + ":"))
        switch route.routingKey?.source {
        case nil: routes.put32(0)
        case .header: routes.put32(1)
        case .cookie: routes.put32(2)
        case .query: routes.put32(3)
        }
        routes.put(text: intern(route.routingKey?.name ?? ""))
        switch route.routingKey?.onMissing {
        case nil, .random: routes.put32(0, 0)
        case .reject: routes.put32(1, 0)
        case .variant(let name): routes.put32(2, armIndices[name] ?? 0)
        }
        let conditions = route.retry.on.reduce(UInt32(0)) { $0 | Layout.bit($1) }
        routes.put32(UInt32(route.retry.attempts), conditions)
        routes.put32(UInt32(route.retry.budget.buckets))
        routes.put64(UInt64(route.timeout.milliseconds))
        routes.put64(UInt64(route.revision))
        routes.put32(UInt32(arms.bytes.count / Layout.Arm.size), UInt32(route.variants.count))
        let spans = route.variants.enumerated()
            .flatMap { index, arm in arm.ranges.map { (range: $0, arm: UInt32(index)) } }.sorted { $0.range < $1.range }
        routes.put32(UInt32(ranges.bytes.count / Layout.Range.size), UInt32(spans.count))
        for span in spans {
            ranges.put32(UInt32(span.range.lower), UInt32(span.range.upper))
            ranges.put32(span.arm)
        }
        routes.put32(UInt32(overrides.bytes.count / Layout.Override.size), UInt32(route.overrides.count))
        for override in route.overrides {
            overrides.put(text: intern(override.header))
            overrides.put(text: intern(override.value))
            overrides.put32(armIndices[override.variant] ?? 0)
        }
        routes.put32(UInt32(hosts.bytes.count / Layout.Host.size), UInt32(route.hosts.count))
        for host in route.hosts { hosts.put(text: intern(host)) }
        routes.put(text: intern(route.health?.path ?? ""))
        routes.put64(UInt64(route.health?.every.milliseconds ?? 0))
        routes.put64(UInt64(route.health?.timeout.milliseconds ?? 0))
        routes.put32(
            UInt32(route.health?.unhealthyAfter ?? 0), UInt32(route.retry.perTryTimeout?.milliseconds ?? 0))
        if format != .second {
            routes.put32(
                UInt32(route.limits?.maxConcurrency ?? 0), UInt32(route.limits?.maxConnectionsPerBackend ?? 0))
        }
        if format == .fourth { routes.put32(UInt32(route.retry.hedgeAfter?.milliseconds ?? 0), 0) }
        for arm in route.variants { append(arm, of: route) }
    }

    private mutating func append(_ arm: RoutingTable.Arm, of route: RoutingTable.Route) {
        arms.put(text: intern(arm.name.rawValue))
        arms.put(text: intern(arm.version.model.rawValue))
        arms.put64(UInt64(arm.version.version))
        arms.put32(UInt32(references.bytes.count / 4), UInt32(arm.backends.count))
        arms.put(
            text: intern(
                "x-turnout-endpoint: \(route.endpoint)\r\nx-turnout-variant: \(arm.name)\r\n"
                    + "x-turnout-version: \(arm.version)\r\nx-turnout-reason: "))
        for backend in arm.backends {
            references.put32(backendIndices[CheckedBackend(backend, check: route.health)] ?? Layout.none)
        }
    }

    private mutating func append(_ checked: CheckedBackend, index: UInt32) {
        backendIndices[checked] = index
        backends.put(text: intern(checked.backend.host))
        backends.put32(UInt32(checked.backend.port))
        backends.put(text: intern(checked.backend.authority))
    }

    /// - Returns: where the text stands among the strings; each is kept once.
    private mutating func intern(_ text: String) -> (offset: UInt32, count: UInt32) {
        let count = UInt32(text.utf8.count)
        if let known = interned[text] { return (known, count) }
        let offset = UInt32(strings.count)
        strings.append(contentsOf: text.utf8)
        interned[text] = offset
        return (offset, count)
    }
}

/// Appends little-endian numbers.
private struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func put32(_ value: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func put32(_ first: UInt32, _ second: UInt32) {
        put32(first)
        put32(second)
    }

    mutating func put(text: (offset: UInt32, count: UInt32)) { put32(text.offset, text.count) }

    mutating func put64(_ value: UInt64) {
        put32(UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
    }
}
