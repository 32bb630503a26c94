import Resources

/// Reads a block from an untrusted source back into values; every read is checked.
struct FlatTableDecoder {
    private typealias Layout = FlatTableLayout

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func decode() throws(TurnoutError) -> RoutingTable {
        guard bytes.count >= Layout.Header.size, Array(bytes.prefix(8)) == Layout.magic else {
            throw TurnoutError(.invalid, "This is not a routing table.")
        }
        let number = try u32(Layout.Header.formatVersion)
        guard let format = Layout.Format(rawValue: number) else {
            throw TurnoutError(.invalid, "The routing table has format \(number); this version reads 2 to 4.")
        }
        guard try u64(Layout.Header.length) == UInt64(bytes.count) else { throw damaged("is cut short or too long") }
        let checksum = XXH64.hash(bytes[Layout.Header.generation...], seed: UInt64(bytes.count))
        guard try u64(Layout.Header.checksum) == checksum else { throw damaged("does not match its checksum") }
        let sections = try Sections(self, format)
        guard sections.end == bytes.count else { throw damaged("has counts that don't match its length") }
        var routes: [RoutingTable.Route] = []
        for index in 0..<sections.count(.routes) { routes.append(try route(index, sections)) }
        return RoutingTable(generation: try u64(Layout.Header.generation), routes: routes)
    }

    private struct Sections {
        private var starts: [Int] = []
        private var counts: [Int] = []
        let format: Layout.Format
        let end: Int

        init(_ decoder: FlatTableDecoder, _ format: Layout.Format) throws(TurnoutError) {
            self.format = format
            var offset = Layout.Header.size
            for section in Layout.Section.allCases {
                let count = Int(try decoder.u32(Layout.Header.counts + 4 * section.rawValue))
                starts.append(offset)
                counts.append(count)
                offset += count * section.elementSize(format)
            }
            end = offset
        }

        func count(_ section: Layout.Section) -> Int { counts[section.rawValue] }
        func start(_ section: Layout.Section) -> Int { starts[section.rawValue] }
    }

    private func element(_ index: Int, of section: Layout.Section, _ sections: Sections) throws(TurnoutError) -> Int {
        guard index >= 0, index < sections.count(section) else { throw damaged("points outside of itself") }
        return sections.start(section) + index * section.elementSize(sections.format)
    }

    private func route(_ index: Int, _ sections: Sections) throws(TurnoutError) -> RoutingTable.Route {
        let at = try element(index, of: .routes, sections)
        let variants = try list(at + Layout.Route.arms)
        let spans = try list(at + Layout.Route.ranges)
        var ranges: [[BucketRange]] = Array(repeating: [], count: variants.count)
        for index in spans {
            let span = try element(index, of: .ranges, sections)
            let arm = Int(try u32(span + Layout.Range.arm))
            guard arm < ranges.count,
                let range = BucketRange(
                    Int(try u32(span + Layout.Range.lower)), Int(try u32(span + Layout.Range.upper)))
            else { throw damaged("has an impossible bucket range") }
            ranges[arm].append(range)
        }
        var arms: [RoutingTable.Arm] = []
        for (index, ranges) in zip(variants, ranges) { arms.append(try arm(index, ranges, sections)) }
        var overrides: [RoutingOverride] = []
        for index in try list(at + Layout.Route.overrides) {
            let override = try element(index, of: .overrides, sections)
            overrides.append(
                RoutingOverride(
                    header: try text(override + Layout.Override.header, sections),
                    value: try text(override + Layout.Override.value, sections),
                    variant: try name(of: Int(try u32(override + Layout.Override.arm)), in: arms)))
        }
        var hosts: [String] = []
        for index in try list(at + Layout.Route.hosts) {
            hosts.append(try text(try element(index, of: .hosts, sections) + Layout.Host.text, sections))
        }
        let salt = try text(at + Layout.Route.salt, sections)
        return RoutingTable.Route(
            endpoint: try EndpointName(validating: try text(at + Layout.Route.name, sections)),
            revision: try number(at + Layout.Route.revision), hosts: hosts,
            routingKey: try routingKey(at, arms, sections), salt: String(salt.dropLast()),
            timeout: Interval(milliseconds: try number(at + Layout.Route.timeout)),
            retry: try retry(at, sections.format),
            limits: try limits(at, sections.format), health: try health(at, sections), overrides: overrides,
            variants: arms)
    }

    private func arm(
        _ index: Int, _ ranges: [BucketRange], _ sections: Sections
    ) throws(TurnoutError) -> RoutingTable.Arm {
        let at = try element(index, of: .arms, sections)
        var backends: [Backend] = []
        for index in try list(at + Layout.Arm.backends) {
            let reference = try u32(try element(index, of: .backendReferences, sections))
            let backend = try element(Int(reference), of: .backends, sections)
            guard let port = UInt16(exactly: try u32(backend + Layout.Backend.port)) else {
                throw damaged("has an impossible port")
            }
            backends.append(Backend(host: try text(backend + Layout.Backend.host, sections), port: port))
        }
        return RoutingTable.Arm(
            name: try VariantName(validating: try text(at + Layout.Arm.name, sections)),
            version: VersionReference(
                model: try ModelName(validating: try text(at + Layout.Arm.model, sections)),
                version: try number(at + Layout.Arm.version)),
            ranges: ranges, backends: backends)
    }

    private func routingKey(
        _ at: Int, _ arms: [RoutingTable.Arm], _ sections: Sections
    ) throws(TurnoutError) -> RoutingKey? {
        let source: RoutingKey.Source
        switch try u32(at + Layout.Route.keySource) {
        case 0: return nil
        case 1: source = .header
        case 2: source = .cookie
        case 3: source = .query
        default: throw damaged("has an unknown source of routing keys")
        }
        let onMissing: RoutingKey.OnMissing
        switch try u32(at + Layout.Route.onMissing) {
        case 0: onMissing = .random
        case 1: onMissing = .reject
        case 2: onMissing = .variant(try name(of: Int(try u32(at + Layout.Route.onMissingArm)), in: arms))
        default: throw damaged("has an unknown rule for requests without a key")
        }
        return RoutingKey(source: source, name: try text(at + Layout.Route.keyName, sections), onMissing: onMissing)
    }

    private func retry(_ at: Int, _ format: Layout.Format) throws(TurnoutError) -> RetryPolicy {
        let conditions = try u32(at + Layout.Route.retryConditions)
        guard let budget = Share(buckets: Int(try u32(at + Layout.Route.retryBudget))) else {
            throw damaged("has an impossible retry budget")
        }
        return RetryPolicy(
            attempts: Int(try u32(at + Layout.Route.retryAttempts)),
            on: RetryPolicy.Condition.allCases.filter { conditions & Layout.bit($0) != 0 }, budget: budget,
            perTryTimeout: try interval(at + Layout.Route.perTryTimeout),
            hedgeAfter: format == .fourth ? try interval(at + Layout.Route.hedgeAfter) : nil)
    }

    private func limits(_ at: Int, _ format: Layout.Format) throws(TurnoutError) -> EndpointLimits? {
        guard format != .second else { return nil }
        let limits = EndpointLimits(
            maxConcurrency: Self.given(try u32(at + Layout.Route.maxConcurrency)),
            maxConnectionsPerBackend: Self.given(try u32(at + Layout.Route.maxConnectionsPerBackend)))
        return limits == EndpointLimits() ? nil : limits
    }

    private static func given(_ number: UInt32) -> Int? { number == 0 ? nil : Int(number) }

    private func interval(_ at: Int) throws(TurnoutError) -> Interval? {
        Self.given(try u32(at)).map(Interval.init(milliseconds:))
    }

    private func health(_ at: Int, _ sections: Sections) throws(TurnoutError) -> HealthCheck? {
        let path = try text(at + Layout.Route.healthPath, sections)
        guard !path.isEmpty else { return nil }
        return HealthCheck(
            path: path, every: Interval(milliseconds: try number(at + Layout.Route.healthEvery)),
            timeout: Interval(milliseconds: try number(at + Layout.Route.healthTimeout)),
            unhealthyAfter: Int(try u32(at + Layout.Route.unhealthyAfter)))
    }

    // MARK: Checked reads

    private func name(of arm: Int, in arms: [RoutingTable.Arm]) throws(TurnoutError) -> VariantName {
        guard arms.indices.contains(arm) else { throw damaged("names a variant that it does not have") }
        return arms[arm].name
    }

    private func list(_ offset: Int) throws(TurnoutError) -> Range<Int> {
        let start = Int(try u32(offset))
        let count = Int(try u32(offset + 4))
        guard count <= bytes.count else { throw damaged("has an impossible count") }
        return start..<(start + count)
    }

    private func text(_ offset: Int, _ sections: Sections) throws(TurnoutError) -> String {
        let start = Int(try u32(offset))
        let count = Int(try u32(offset + 4))
        guard start + count <= sections.count(.strings) else { throw damaged("has a text outside of itself") }
        let from = sections.start(.strings) + start
        return String(decoding: bytes[from..<(from + count)], as: UTF8.self)
    }

    private func number(_ offset: Int) throws(TurnoutError) -> Int {
        guard let value = Int(exactly: try u64(offset)) else { throw damaged("has a number out of range") }
        return value
    }

    private func u64(_ offset: Int) throws(TurnoutError) -> UInt64 {
        UInt64(try u32(offset)) | UInt64(try u32(offset + 4)) << 32
    }

    fileprivate func u32(_ offset: Int) throws(TurnoutError) -> UInt32 {
        guard offset >= 0, offset + 4 <= bytes.count else { throw damaged("points outside of itself") }
        return UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
            | UInt32(bytes[offset + 3]) << 24
    }

    private func damaged(_ what: String) -> TurnoutError {
        TurnoutError(.invalid, "The routing table is damaged: it \(what).")
    }
}
