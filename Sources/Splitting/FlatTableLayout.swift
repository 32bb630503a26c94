/// Where everything stands in a `FlatTable`. All numbers are little-endian; sections follow each other in the order
/// below, so that counts alone determine their places. Texts are pairs (offset from the strings' start, length).
///
/// A change here is a change of `formatVersion`.
enum FlatTableLayout {
    static let magic: [UInt8] = Array("TURNTBL\0".utf8)
    static let formatVersion: UInt32 = 2
    static let none = UInt32.max

    enum Header {
        static let formatVersion = 8
        static let length = 16
        /// XXH64 of everything after this field, seeded with the length.
        static let checksum = 24
        static let generation = 32
        static let counts = 40
        static let size = 72
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
        case strings

        var elementSize: Int {
            switch self {
            case .routes: Route.size
            case .arms: Arm.size
            case .ranges: Range.size
            case .backendReferences: 4
            case .backends: Backend.size
            case .overrides: Override.size
            case .hosts: Host.size
            case .strings: 1
            }
        }
    }

    enum Route {
        static let name = 0
        /// The salt and a colon: what a key is appended to before hashing.
        static let salt = 8
        static let keySource = 16
        static let keyName = 20
        static let onMissing = 28
        static let onMissingArm = 32
        static let retryAttempts = 36
        static let retryConditions = 40
        static let retryBudget = 44
        static let timeout = 48
        static let revision = 56
        static let arms = 64
        static let ranges = 72
        static let overrides = 80
        static let hosts = 88
        static let healthPath = 96
        static let healthEvery = 104
        static let healthTimeout = 112
        static let unhealthyAfter = 120
        static let size = 128
    }

    enum Arm {
        static let name = 0
        static let model = 8
        static let version = 16
        static let backends = 24
        /// The answer's headers as far as they are known when compiling, ending in `x-turnout-reason: `.
        static let headers = 32
        static let size = 40
    }

    enum Range {
        static let lower = 0
        static let upper = 4
        static let arm = 8
        static let size = 12
    }

    enum Backend {
        static let host = 0
        static let port = 8
        static let authority = 12
        static let size = 20
    }

    enum Override {
        static let header = 0
        static let value = 8
        static let arm = 16
        static let size = 20
    }

    enum Host {
        static let text = 0
        static let size = 8
    }
}
