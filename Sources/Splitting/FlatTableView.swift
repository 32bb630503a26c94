/// Reads of a `FlatTable`'s bytes on the way of a request: no allocation, no checks beyond what one read needs.
///
/// A trivial value over memory that somebody else keeps alive and unchanged. Sound only over the bytes of a
/// `FlatTable`, whose every offset was checked when it was made.
@safe
package struct FlatTableView: @unchecked Sendable {
    // Sendable: the bytes are never written while a view exists.
    private let base: UnsafeRawPointer
    package let generation: UInt64
    package let routeCount: Int
    package let armCount: Int
    package let backendCount: Int
    private let routes: Int
    private let arms: Int
    private let ranges: Int
    private let references: Int
    private let backends: Int
    private let overrides: Int
    private let hosts: Int
    private let nameSlots: Int
    private let nameMask: Int
    private let hostSlots: Int
    private let hostMask: Int
    private let strings: Int
    private let wildcardRoute: UInt32

    private typealias Layout = FlatTableLayout

    /// - Parameter base: the first byte of a `FlatTable`'s bytes, which must outlive the view.
    @unsafe
    package init(base: UnsafeRawPointer) {
        self.base = base
        var starts: [Int] = []
        var counts: [Int] = []
        var offset = Layout.Header.size
        for section in Layout.Section.allCases {
            let count = Int(
                UInt32(
                    littleEndian: base.loadUnaligned(
                        fromByteOffset: Layout.Header.counts + 4 * section.rawValue, as: UInt32.self)))
            starts.append(offset)
            counts.append(count)
            offset += count * section.elementSize
        }
        generation = UInt64(
            littleEndian: base.loadUnaligned(fromByteOffset: Layout.Header.generation, as: UInt64.self))
        wildcardRoute = UInt32(
            littleEndian: base.loadUnaligned(fromByteOffset: Layout.Header.wildcardRoute, as: UInt32.self))
        routes = starts[Layout.Section.routes.rawValue]
        arms = starts[Layout.Section.arms.rawValue]
        ranges = starts[Layout.Section.ranges.rawValue]
        references = starts[Layout.Section.backendReferences.rawValue]
        backends = starts[Layout.Section.backends.rawValue]
        overrides = starts[Layout.Section.overrides.rawValue]
        hosts = starts[Layout.Section.hosts.rawValue]
        nameSlots = starts[Layout.Section.nameSlots.rawValue]
        hostSlots = starts[Layout.Section.hostSlots.rawValue]
        strings = starts[Layout.Section.strings.rawValue]
        routeCount = counts[Layout.Section.routes.rawValue]
        armCount = counts[Layout.Section.arms.rawValue]
        backendCount = counts[Layout.Section.backends.rawValue]
        nameMask = counts[Layout.Section.nameSlots.rawValue] - 1
        hostMask = counts[Layout.Section.hostSlots.rawValue] - 1
    }

    /// Where a route's key is found.
    package enum KeySource: UInt32, Sendable {
        case none, header, cookie, query
    }

    package enum OnMissing: UInt32, Sendable {
        case random, reject, variant
    }

    // MARK: Finding a route

    /// The route of an endpoint's name, or -1.
    @inline(__always)
    package func route(named name: ByteView) -> Int {
        var slot = Int(truncatingIfNeeded: XXH64.hash(name)) & nameMask
        while true {
            let index = Int(u32(nameSlots + slot * 4)) - 1
            if index < 0 || self.name(route: index).equals(name) { return index }
            slot = (slot + 1) & nameMask
        }
    }

    /// The route that owns a host (lower case, without port), or -1. `*` is not looked at.
    @inline(__always)
    package func route(host: ByteView) -> Int {
        var slot = Int(truncatingIfNeeded: XXH64.hash(host)) & hostMask
        while true {
            let index = Int(u32(hostSlots + slot * 4)) - 1
            if index < 0 { return -1 }
            let record = hosts + index * Layout.Host.size
            if text(record + Layout.Host.text).equals(host) { return Int(u32(record + Layout.Host.route)) }
            slot = (slot + 1) & hostMask
        }
    }

    /// The route with the host `*`, or -1.
    package var wildcard: Int { wildcardRoute == Layout.none ? -1 : Int(wildcardRoute) }

    package func name(route: Int) -> ByteView { text(at(route) + Layout.Route.name) }

    // MARK: A route

    package func keySource(_ route: Int) -> KeySource {
        KeySource(rawValue: u32(at(route) + Layout.Route.keySource)) ?? .none
    }
    package func keyName(_ route: Int) -> ByteView { text(at(route) + Layout.Route.keyName) }
    /// The salt with its colon, ready to be followed by a key.
    package func salt(_ route: Int) -> ByteView { text(at(route) + Layout.Route.salt) }
    package func onMissing(_ route: Int) -> OnMissing {
        OnMissing(rawValue: u32(at(route) + Layout.Route.onMissing)) ?? .random
    }
    /// The arm for requests without a key; meaningful with `.variant` only.
    package func onMissingArm(_ route: Int) -> Int {
        firstArm(route) + Int(u32(at(route) + Layout.Route.onMissingArm))
    }
    package func timeoutMilliseconds(_ route: Int) -> UInt64 { u64(at(route) + Layout.Route.timeout) }
    package func retryAttempts(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.retryAttempts)) }
    package func retriesOnConnect(_ route: Int) -> Bool { u32(at(route) + Layout.Route.retryConditions) & 1 != 0 }
    package func retriesOnUnavailable(_ route: Int) -> Bool { u32(at(route) + Layout.Route.retryConditions) & 2 != 0 }
    /// In ten-thousandths of the requests.
    package func retryBudget(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.retryBudget)) }

    package func overrideCount(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.overrides + 4)) }
    package func overrideHeader(_ route: Int, _ index: Int) -> ByteView {
        text(overrideAt(route, index) + Layout.Override.header)
    }
    package func overrideValue(_ route: Int, _ index: Int) -> ByteView {
        text(overrideAt(route, index) + Layout.Override.value)
    }
    package func overrideArm(_ route: Int, _ index: Int) -> Int {
        firstArm(route) + Int(u32(overrideAt(route, index) + Layout.Override.arm))
    }

    // MARK: Arms; their indices run over all routes

    package func firstArm(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.arms)) }
    package func armCount(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.arms + 4)) }

    /// The arm that owns a bucket: a binary search over the route's ranges.
    @inline(__always)
    package func arm(_ route: Int, bucket: Int) -> Int {
        var lower = Int(u32(at(route) + Layout.Route.ranges))
        var upper = lower + Int(u32(at(route) + Layout.Route.ranges + 4)) - 1
        while lower < upper {
            let middle = (lower + upper) / 2
            if Int(u32(ranges + middle * Layout.Range.size + Layout.Range.upper)) <= bucket {
                lower = middle + 1
            } else {
                upper = middle
            }
        }
        return firstArm(route) + Int(u32(ranges + lower * Layout.Range.size + Layout.Range.arm))
    }

    package func variantName(_ arm: Int) -> ByteView { text(armAt(arm) + Layout.Arm.name) }
    package func modelName(_ arm: Int) -> ByteView { text(armAt(arm) + Layout.Arm.model) }
    package func version(_ arm: Int) -> UInt64 { u64(armAt(arm) + Layout.Arm.version) }
    /// The answer's `x-turnout-…` headers up to and including `x-turnout-reason: `.
    package func answerHeaders(_ arm: Int) -> ByteView { text(armAt(arm) + Layout.Arm.headers) }
    package func backendCount(_ arm: Int) -> Int { Int(u32(armAt(arm) + Layout.Arm.backends + 4)) }

    /// Which of the table's distinct backends the arm's `index`-th one is.
    @inline(__always)
    package func backend(_ arm: Int, _ index: Int) -> Int {
        Int(u32(references + (Int(u32(armAt(arm) + Layout.Arm.backends)) + index) * 4))
    }

    package func authority(backend: Int) -> ByteView {
        text(backends + backend * Layout.Backend.size + Layout.Backend.authority)
    }

    // MARK: Raw reads

    @inline(__always)
    private func at(_ route: Int) -> Int {
        precondition(route >= 0 && route < routeCount)
        return routes + route * Layout.Route.size
    }

    @inline(__always)
    private func armAt(_ arm: Int) -> Int {
        precondition(arm >= 0 && arm < armCount)
        return arms + arm * Layout.Arm.size
    }

    private func overrideAt(_ route: Int, _ index: Int) -> Int {
        overrides + (Int(u32(at(route) + Layout.Route.overrides)) + index) * Layout.Override.size
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
