/// Reads of a `FlatTable`'s bytes on the way of a request: no allocation, no checks beyond what one read needs.
///
/// A trivial value over memory that somebody else keeps alive and unchanged. Sound only over the bytes of a
/// `FlatTable`, whose every offset was checked when it was made.
@safe
package struct FlatTableView: @unchecked Sendable {
    // Sendable: the bytes are never written while a view exists.
    @usableFromInline let base: UnsafeRawPointer
    package let generation: UInt64
    package let routeCount: Int
    package let armCount: Int
    package let backendCount: Int
    @usableFromInline let routes: Int
    @usableFromInline let arms: Int
    @usableFromInline let ranges: Int
    @usableFromInline let references: Int
    @usableFromInline let backends: Int
    @usableFromInline let overrides: Int
    @usableFromInline let hosts: Int
    @usableFromInline let nameSlots: Int
    @usableFromInline let nameMask: Int
    @usableFromInline let hostSlots: Int
    @usableFromInline let hostMask: Int
    @usableFromInline let strings: Int
    @usableFromInline let wildcardRoute: UInt32

    @usableFromInline typealias Layout = FlatTableLayout

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
    @inlinable @inline(__always)
    package func route(named name: ByteView) -> Int {
        var slot = Int(truncatingIfNeeded: XXH64.hash(name)) & nameMask
        while true {
            let index = Int(u32(nameSlots + slot * 4)) - 1
            if index < 0 || self.name(route: index).equals(name) { return index }
            slot = (slot + 1) & nameMask
        }
    }

    /// The route that owns a host (lower case, without port), or -1. `*` is not looked at.
    @inlinable @inline(__always)
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
    @inlinable package var wildcard: Int { wildcardRoute == Layout.none ? -1 : Int(wildcardRoute) }

    @inlinable @inline(__always)
    package func name(route: Int) -> ByteView { text(at(route) + Layout.Route.name) }

    // MARK: A route

    @inlinable @inline(__always)
    package func keySource(_ route: Int) -> KeySource {
        KeySource(rawValue: u32(at(route) + Layout.Route.keySource)) ?? .none
    }
    @inlinable @inline(__always)
    package func keyName(_ route: Int) -> ByteView { text(at(route) + Layout.Route.keyName) }
    /// The salt with its colon, ready to be followed by a key.
    @inlinable @inline(__always)
    package func salt(_ route: Int) -> ByteView { text(at(route) + Layout.Route.salt) }
    @inlinable @inline(__always)
    package func onMissing(_ route: Int) -> OnMissing {
        OnMissing(rawValue: u32(at(route) + Layout.Route.onMissing)) ?? .random
    }
    /// The arm for requests without a key; meaningful with `.variant` only.
    @inlinable @inline(__always)
    package func onMissingArm(_ route: Int) -> Int {
        firstArm(route) + Int(u32(at(route) + Layout.Route.onMissingArm))
    }
    @inlinable @inline(__always)
    package func timeoutMilliseconds(_ route: Int) -> UInt64 { u64(at(route) + Layout.Route.timeout) }
    @inlinable @inline(__always)
    package func retryAttempts(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.retryAttempts)) }
    @inlinable @inline(__always)
    package func retriesOnConnect(_ route: Int) -> Bool { u32(at(route) + Layout.Route.retryConditions) & 1 != 0 }
    @inlinable @inline(__always)
    package func retriesOnUnavailable(_ route: Int) -> Bool { u32(at(route) + Layout.Route.retryConditions) & 2 != 0 }
    /// In ten-thousandths of the requests.
    @inlinable @inline(__always)
    package func retryBudget(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.retryBudget)) }

    @inlinable @inline(__always)
    package func overrideCount(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.overrides + 4)) }
    @inlinable @inline(__always)
    package func overrideHeader(_ route: Int, _ index: Int) -> ByteView {
        text(overrideAt(route, index) + Layout.Override.header)
    }
    @inlinable @inline(__always)
    package func overrideValue(_ route: Int, _ index: Int) -> ByteView {
        text(overrideAt(route, index) + Layout.Override.value)
    }
    @inlinable @inline(__always)
    package func overrideArm(_ route: Int, _ index: Int) -> Int {
        firstArm(route) + Int(u32(overrideAt(route, index) + Layout.Override.arm))
    }

    // MARK: Arms; their indices run over all routes

    @inlinable @inline(__always)
    package func firstArm(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.arms)) }
    @inlinable @inline(__always)
    package func armCount(_ route: Int) -> Int { Int(u32(at(route) + Layout.Route.arms + 4)) }

    /// The arm that owns a bucket: a binary search over the route's ranges.
    @inlinable @inline(__always)
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

    @inlinable @inline(__always)
    package func variantName(_ arm: Int) -> ByteView { text(armAt(arm) + Layout.Arm.name) }
    @inlinable @inline(__always)
    package func modelName(_ arm: Int) -> ByteView { text(armAt(arm) + Layout.Arm.model) }
    @inlinable @inline(__always)
    package func version(_ arm: Int) -> UInt64 { u64(armAt(arm) + Layout.Arm.version) }
    /// The answer's `x-turnout-…` headers up to and including `x-turnout-reason: `.
    @inlinable @inline(__always)
    package func answerHeaders(_ arm: Int) -> ByteView { text(armAt(arm) + Layout.Arm.headers) }
    @inlinable @inline(__always)
    package func backendCount(_ arm: Int) -> Int { Int(u32(armAt(arm) + Layout.Arm.backends + 4)) }

    /// Which of the table's distinct backends the arm's `index`-th one is.
    @inlinable @inline(__always)
    package func backend(_ arm: Int, _ index: Int) -> Int {
        Int(u32(references + (Int(u32(armAt(arm) + Layout.Arm.backends)) + index) * 4))
    }

    @inlinable @inline(__always)
    package func authority(backend: Int) -> ByteView {
        text(backends + backend * Layout.Backend.size + Layout.Backend.authority)
    }

    // MARK: Raw reads

    @inlinable @inline(__always)
    func at(_ route: Int) -> Int {
        precondition(route >= 0 && route < routeCount)
        return routes + route * Layout.Route.size
    }

    @inlinable @inline(__always)
    func armAt(_ arm: Int) -> Int {
        precondition(arm >= 0 && arm < armCount)
        return arms + arm * Layout.Arm.size
    }

    @inlinable @inline(__always)
    func overrideAt(_ route: Int, _ index: Int) -> Int {
        overrides + (Int(u32(at(route) + Layout.Route.overrides)) + index) * Layout.Override.size
    }

    @inlinable @inline(__always)
    func text(_ offset: Int) -> ByteView {
        ByteView(base: base + strings + Int(u32(offset)), count: Int(u32(offset + 4)))
    }

    @inlinable @inline(__always)
    func u32(_ offset: Int) -> UInt32 {
        UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    @inlinable @inline(__always)
    func u64(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
