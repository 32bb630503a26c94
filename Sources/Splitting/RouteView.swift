/// Reads of one route's binary form on the way of a request: no allocation, no checks beyond what one read needs.
///
/// A trivial value over memory that somebody else keeps alive and unchanged. Sound only over the bytes of a
/// `RouteBlock`, whose every offset was checked when it was made.
@safe
package struct RouteView: @unchecked Sendable {
    // Sendable: the bytes are never written while a view exists.
    private let base: UnsafeRawPointer
    /// 0 stands for what a format does not have.
    private let format: FlatTableLayout.Format
    /// As long as a sending may go without anything of an answer before it is looked at: `hedgeAfter`, or else the time for
    /// each try. 0: for as long as the request's own time lasts. Kept beside, since every sending asks.
    package let patienceMilliseconds: UInt32
    package let armCount: Int
    private let arms: Int
    private let ranges: Int
    private let references: Int
    private let backends: Int
    private let overrides: Int
    private let hosts: Int
    private let strings: Int

    private typealias Layout = FlatTableLayout

    /// - Parameter base: the first byte of a table with one route, which must outlive the view.
    @unsafe
    package init(base: UnsafeRawPointer) {
        self.base = base
        func number(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        format = Layout.Format(rawValue: number(Layout.Header.formatVersion)) ?? .second
        let hedgeAfter = format == .fourth ? number(Self.route + Layout.Route.hedgeAfter) : 0
        patienceMilliseconds = hedgeAfter > 0 ? hedgeAfter : number(Self.route + Layout.Route.perTryTimeout)
        var starts: [Int] = []
        var counts: [Int] = []
        var offset = Layout.Header.size
        for section in Layout.Section.allCases {
            let count = Int(number(Layout.Header.counts + 4 * section.rawValue))
            starts.append(offset)
            counts.append(count)
            offset += count * section.elementSize(format)
        }
        arms = starts[Layout.Section.arms.rawValue]
        ranges = starts[Layout.Section.ranges.rawValue]
        references = starts[Layout.Section.backendReferences.rawValue]
        backends = starts[Layout.Section.backends.rawValue]
        overrides = starts[Layout.Section.overrides.rawValue]
        hosts = starts[Layout.Section.hosts.rawValue]
        strings = starts[Layout.Section.strings.rawValue]
        armCount = counts[Layout.Section.arms.rawValue]
    }

    /// Where a route's key is found.
    package enum KeySource: UInt32, Sendable {
        case none, header, cookie, query
    }

    package enum OnMissing: UInt32, Sendable {
        case random, reject, variant
    }

    package var name: ByteView { text(Self.route + Layout.Route.name) }
    package var hostCount: Int { Int(u32(Self.route + Layout.Route.hosts + 4)) }
    package func host(_ index: Int) -> ByteView { text(hosts + index * Layout.Host.size + Layout.Host.text) }

    package var keySource: KeySource {
        KeySource(rawValue: u32(Self.route + Layout.Route.keySource)) ?? .none
    }
    package var keyName: ByteView { text(Self.route + Layout.Route.keyName) }
    /// The salt with its colon, ready to be followed by a key.
    package var salt: ByteView { text(Self.route + Layout.Route.salt) }
    package var onMissing: OnMissing {
        OnMissing(rawValue: u32(Self.route + Layout.Route.onMissing)) ?? .random
    }
    /// The arm for requests without a key; meaningful with `.variant` only.
    package var onMissingArm: Int {
        Int(u32(Self.route + Layout.Route.onMissingArm))
    }
    package var timeoutMilliseconds: UInt64 { u64(Self.route + Layout.Route.timeout) }
    package var retryAttempts: Int { Int(u32(Self.route + Layout.Route.retryAttempts)) }
    package var retriesOnConnect: Bool { u32(Self.route + Layout.Route.retryConditions) & 1 != 0 }
    package var retriesOnReset: Bool { u32(Self.route + Layout.Route.retryConditions) & 4 != 0 }
    /// Whether the request is sent again when this status was the answer.
    package func retries(onStatus status: Int) -> Bool {
        let conditions = u32(Self.route + Layout.Route.retryConditions)
        return switch status {
        case 502: conditions & 8 != 0
        case 503: conditions & 2 != 0
        case 504: conditions & 16 != 0
        default: false
        }
    }
    /// 0: none.
    package var hedgeAfterMilliseconds: UInt64 {
        format == .fourth ? UInt64(u32(Self.route + Layout.Route.hedgeAfter)) : 0
    }
    /// 0: none.
    package var perTryTimeoutMilliseconds: UInt64 { UInt64(u32(Self.route + Layout.Route.perTryTimeout)) }
    /// 0: none.
    package var maxConcurrency: Int { format != .second ? Int(u32(Self.route + Layout.Route.maxConcurrency)) : 0 }
    /// 0: none.
    package var maxConnectionsPerBackend: Int {
        format != .second ? Int(u32(Self.route + Layout.Route.maxConnectionsPerBackend)) : 0
    }
    /// In ten-thousandths of the requests.
    package var retryBudget: Int { Int(u32(Self.route + Layout.Route.retryBudget)) }

    package var overrideCount: Int { Int(u32(Self.route + Layout.Route.overrides + 4)) }
    package func overrideHeader(_ index: Int) -> ByteView {
        text(overrideAt(index) + Layout.Override.header)
    }
    package func overrideValue(_ index: Int) -> ByteView {
        text(overrideAt(index) + Layout.Override.value)
    }
    package func overrideArm(_ index: Int) -> Int {
        Int(u32(overrideAt(index) + Layout.Override.arm))
    }

    // MARK: Arms

    /// The arm that owns a bucket: a binary search over the route's ranges.
    @inline(__always)
    package func arm(bucket: Int) -> Int {
        var lower = Int(u32(Self.route + Layout.Route.ranges))
        var upper = lower + Int(u32(Self.route + Layout.Route.ranges + 4)) - 1
        while lower < upper {
            let middle = (lower + upper) / 2
            if Int(u32(ranges + middle * Layout.Range.size + Layout.Range.upper)) <= bucket {
                lower = middle + 1
            } else {
                upper = middle
            }
        }
        return Int(u32(ranges + lower * Layout.Range.size + Layout.Range.arm))
    }

    package func variantName(_ arm: Int) -> ByteView { text(armAt(arm) + Layout.Arm.name) }
    package func modelName(_ arm: Int) -> ByteView { text(armAt(arm) + Layout.Arm.model) }
    package func version(_ arm: Int) -> UInt64 { u64(armAt(arm) + Layout.Arm.version) }
    /// The answer's `x-turnout-…` headers up to and including `x-turnout-reason: `.
    package func answerHeaders(_ arm: Int) -> ByteView { text(armAt(arm) + Layout.Arm.headers) }
    package func backendCount(_ arm: Int) -> Int { Int(u32(armAt(arm) + Layout.Arm.backends + 4)) }

    /// Which of the route's distinct backends the arm's `index`-th one is.
    @inline(__always)
    package func backend(_ arm: Int, _ index: Int) -> Int {
        Int(u32(references + (Int(u32(armAt(arm) + Layout.Arm.backends)) + index) * 4))
    }

    package func authority(backend: Int) -> ByteView {
        text(backends + backend * Layout.Backend.size + Layout.Backend.authority)
    }

    // MARK: Raw reads

    private static var route: Int { Layout.Header.size }

    @inline(__always)
    private func armAt(_ arm: Int) -> Int {
        precondition(arm >= 0 && arm < armCount)
        return arms + arm * Layout.Arm.size
    }

    private func overrideAt(_ index: Int) -> Int {
        overrides + (Int(u32(Self.route + Layout.Route.overrides)) + index) * Layout.Override.size
    }

    @inline(__always)
    private func text(_ offset: Int) -> ByteView {
        ByteView(base: base + strings + Int(u32(offset)), count: Int(u32(offset + 4)))
    }

    @inline(__always)
    private func u32(_ offset: Int) -> UInt32 {
        UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always)
    private func u64(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
