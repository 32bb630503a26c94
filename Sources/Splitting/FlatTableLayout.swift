/// Where everything stands in a `FlatTable`. All numbers are little-endian; sections follow each other in the order
/// below, so that counts alone determine their places. Texts are pairs (offset from the strings' start, length).
///
/// A change here is a change of `formatVersion`.
@usableFromInline enum FlatTableLayout {
    static let magic: [UInt8] = Array("TURNTBL\0".utf8)
    static let formatVersion: UInt32 = 1
    @inlinable static var none: UInt32 { .max }

    enum Header {
        static let formatVersion = 8
        static let length = 16
        /// XXH64 of everything after this field, seeded with the length.
        static let checksum = 24
        static let generation = 32
        static let counts = 40
        static let wildcardRoute = 80
        static let size = 96
    }

    /// The sections in order; each count is a 32-bit number at `Header.counts + 4 * rawValue`.
    enum Section: Int, CaseIterable {
        case routes
        case arms
        case ranges
        case backendReferences
        case backends
        case overrides
        case hosts
        /// Open addressing by XXH64 of an endpoint's name: route index + 1, or 0. A power of two, at most half full.
        case nameSlots
        /// Likewise by host, lower case: host index + 1.
        case hostSlots
        case strings

        var elementSize: Int {
            switch self {
            case .routes: Route.size
            case .arms: Arm.size
            case .ranges: Range.size
            case .backendReferences, .nameSlots, .hostSlots: 4
            case .backends: Backend.size
            case .overrides: Override.size
            case .hosts: Host.size
            case .strings: 1
            }
        }
    }

    @usableFromInline enum Route {
        @inlinable static var name: Int { 0 }
        /// The salt and a colon: what a key is appended to before hashing.
        @inlinable static var salt: Int { 8 }
        @inlinable static var keySource: Int { 16 }
        @inlinable static var keyName: Int { 20 }
        @inlinable static var onMissing: Int { 28 }
        @inlinable static var onMissingArm: Int { 32 }
        @inlinable static var retryAttempts: Int { 36 }
        @inlinable static var retryConditions: Int { 40 }
        @inlinable static var retryBudget: Int { 44 }
        @inlinable static var timeout: Int { 48 }
        @inlinable static var revision: Int { 56 }
        @inlinable static var arms: Int { 64 }
        @inlinable static var ranges: Int { 72 }
        @inlinable static var overrides: Int { 80 }
        @inlinable static var hosts: Int { 88 }
        @inlinable static var healthPath: Int { 96 }
        @inlinable static var healthEvery: Int { 104 }
        @inlinable static var healthTimeout: Int { 112 }
        @inlinable static var unhealthyAfter: Int { 120 }
        @inlinable static var size: Int { 128 }
    }

    @usableFromInline enum Arm {
        @inlinable static var name: Int { 0 }
        @inlinable static var model: Int { 8 }
        @inlinable static var version: Int { 16 }
        @inlinable static var backends: Int { 24 }
        /// The answer's headers as far as they are known when compiling, ending in `x-turnout-reason: `.
        @inlinable static var headers: Int { 32 }
        @inlinable static var size: Int { 40 }
    }

    @usableFromInline enum Range {
        @inlinable static var lower: Int { 0 }
        @inlinable static var upper: Int { 4 }
        @inlinable static var arm: Int { 8 }
        @inlinable static var size: Int { 12 }
    }

    @usableFromInline enum Backend {
        @inlinable static var host: Int { 0 }
        @inlinable static var port: Int { 8 }
        @inlinable static var authority: Int { 12 }
        @inlinable static var size: Int { 20 }
    }

    @usableFromInline enum Override {
        @inlinable static var header: Int { 0 }
        @inlinable static var value: Int { 8 }
        @inlinable static var arm: Int { 16 }
        @inlinable static var size: Int { 20 }
    }

    @usableFromInline enum Host {
        @inlinable static var text: Int { 0 }
        @inlinable static var route: Int { 8 }
        @inlinable static var size: Int { 12 }
    }
}
