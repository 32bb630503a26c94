import Resources

/// Where everything stands in a `FlatTable`. All numbers are little-endian; sections follow each other in the order
/// below, so that counts alone determine their places. Texts are pairs (offset from the strings' start, length).
///
/// Several formats are read, and a table is written in the lowest that can say it: so it keeps its digest, and proxies
/// that know no later one serve it until somebody uses what is new. A change here is another `Format`.
enum FlatTableLayout {
    static let magic: [UInt8] = Array("TURNTBL\0".utf8)
    static let none = UInt32.max

    enum Format: UInt32, CaseIterable {
        case second = 2
        /// Routes may have limits, a time for each try, and be retried on more than `connect` and 503.
        case third = 3
        /// Routes may have requests sent to a second backend.
        case fourth = 4

        /// The lowest one that can say all of these routes.
        static func of(_ routes: [RoutingTable.Route]) -> Format {
            if routes.contains(where: { $0.retry.hedgeAfter != nil }) { return .fourth }
            let isSecond = routes.allSatisfy { route in
                route.limits == nil && route.retry.perTryTimeout == nil
                    && route.retry.on.allSatisfy { $0 == .connect || $0 == .unavailable }
            }
            return isSecond ? .second : .third
        }
    }

    /// A condition's bit in `Route.retryConditions`.
    static func bit(_ condition: RetryPolicy.Condition) -> UInt32 {
        switch condition {
        case .connect: 1
        case .unavailable: 2
        case .reset: 4
        case .badGateway: 8
        case .gatewayTimeout: 16
        }
    }

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

        func elementSize(_ format: Format) -> Int {
            switch self {
            case .routes: Route.size(format)
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
        /// In milliseconds, 0 for none; this and what follows is 0 in the second format, or not there.
        static let perTryTimeout = 124
        static let maxConcurrency = 128
        static let maxConnectionsPerBackend = 132
        /// In milliseconds, 0 for none; not there before the fourth format, like the word of zeros after it.
        static let hedgeAfter = 136

        static func size(_ format: Format) -> Int {
            switch format {
            case .second: 128
            case .third: 136
            case .fourth: 144
            }
        }
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
