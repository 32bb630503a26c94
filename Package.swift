// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is built with; a rule that the compiler can hold is not left to reviewers.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// For the modules that handle memory themselves: every unsafe use is marked where it stands.
let strictMemory: [SwiftSetting] = strict + [.strictMemorySafety()]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// For the module that the request path calls into without end: what it reads of a route is a load, not a call.
let inlined: [SwiftSetting] =
    strict + [.unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))]

func room(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// `NameTests`, with what its tests look at.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

// The arrows are the rule of docs/architecture.md: a deeper floor imports only from the floors above, and only what it
// names here. ArchitectureTests holds the sources against it.
let floor0: [Target] = [
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CEventLoop"),
    room("Digests", ["COpenSSL"], settings: strictMemory),
    room("Resources"),
    room("Signals"),
    room("Telemetry", [logging], settings: strictMemory),
]
let floor1: [Target] = [
    room("Postgres", ["CLibPQ", logging]),
    room("Splitting", ["Resources"], settings: inlined),
    room("Planning", ["Resources", "Splitting"]),
    room("EndpointFiles", ["Resources", yams]),
    room("ControlAPITypes", ["Resources"]),
]
let floor2: [Target] = [
    room("RegistryStore", ["Postgres", "Resources"]),
    room("Proxy", ["CEventLoop", "Resources", "Splitting", "Telemetry", logging], settings: strictMemory),
    room("ControlAPIClient", ["CCurl", "ControlAPITypes", "Digests", "Resources"]),
]
let floor3: [Target] = [
    room("ControlPlane", ["Digests", "Planning", "RegistryStore", "Resources", logging]),
    room("Reconciler", ["Planning", "RegistryStore", "Resources", "Signals", "Splitting", "Telemetry", logging]),
]
let floor4: [Target] = [
    room(
        "ControlAPI",
        [
            "ControlAPITypes", "ControlPlane", "Resources", "Signals", "Telemetry", hummingbird, httpTypes, lifecycle,
            logging, nio,
        ])
]
let floor5: [Target] = [
    room(
        "ServerApp",
        [
            "ControlAPI", "ControlAPIClient", "ControlAPITypes", "ControlPlane", "EndpointFiles", "Postgres", "Proxy",
            "Reconciler", "RegistryStore", "Resources", "Signals", "Splitting", "Telemetry", lifecycle, logging,
            unixSignals,
        ]),
    room(
        "Commands",
        [
            "ControlAPIClient", "ControlAPITypes", "Digests", "EndpointFiles", "Resources", "ServerApp", "Telemetry",
            argumentParser,
            logging, yams,
        ]),
    .executableTarget(name: "turnout", dependencies: ["Commands"], swiftSettings: strict),
]
// The concurrency and fault harness: docs/reliability.md.
let soakRooms: [Target] = [
    room("SoakHistory", ["Resources"]),
    room("SoakChecks", ["Postgres", "Resources", "SoakHistory", "Splitting"]),
    .executableTarget(
        name: "soak",
        dependencies: [
            "ControlAPIClient", "ControlAPITypes", "Postgres", "Resources", "SoakHistory", "TestSupport",
            argumentParser, logging,
        ], swiftSettings: strict),
    .executableTarget(
        name: "soak-check", dependencies: ["Postgres", "SoakChecks", "SoakHistory", argumentParser, logging],
        swiftSettings: strict),
]
let testRooms: [Target] = [
    room("TestSupport", ["Postgres", logging]),
    room("ControlAPITestSupport", ["ControlAPI", "Signals", "TestSupport", httpTypes, hummingbird, nio]),
    tests("Architecture", []),
    tests("Resources", ["Resources"]),
    tests("Digests", ["Digests"]),
    tests("Splitting", ["Resources", "Splitting"], exclude: ["Vectors"]),
    tests("EndpointFiles", ["EndpointFiles", "Resources"], exclude: ["Corpus", "check_schema.py"]),
    tests("Postgres", ["Postgres", "TestSupport"]),
    tests(
        "Proxy", ["Proxy", "Resources", "Splitting", "Telemetry", "TestSupport", logging], exclude: ["Corpus"]),
    tests("RegistryStore", ["Postgres", "RegistryStore", "Resources", "TestSupport"]),
    tests(
        "ControlPlane",
        [
            "ControlPlane", "Digests", "Planning", "Postgres", "RegistryStore", "Resources", "Splitting", "TestSupport",
            logging,
        ]),
    tests("Planning", ["Planning", "Resources", "Splitting"]),
    tests("Signals", ["Signals", "TestSupport"]),
    tests(
        "Reconciler",
        [
            "ControlPlane", "Postgres", "Reconciler", "RegistryStore", "Resources", "Signals", "Splitting",
            "TestSupport",
            logging,
        ]),
    tests(
        "ControlAPI",
        [
            "ControlAPI", "ControlAPIClient", "ControlAPITestSupport", "ControlAPITypes", "ControlPlane", "Digests",
            "Postgres", "RegistryStore", "Resources", "Signals", "TestSupport", hummingbird, logging,
        ]),
    tests(
        "ServerApp",
        [
            "ControlAPI", "ControlAPIClient", "ControlAPITestSupport", "ControlAPITypes", "ControlPlane", "Postgres",
            "Proxy", "RegistryStore", "Resources", "ServerApp", "Signals", "Splitting", "Telemetry", "TestSupport",
        ]),
    tests(
        "Commands",
        [
            "Commands", "ControlAPI", "ControlAPIClient", "ControlAPITestSupport", "ControlPlane", "Digests",
            "RegistryStore", "Resources", "Signals", "TestSupport", argumentParser, logging,
        ]),
    tests(
        "EndToEnd",
        [
            "ControlAPIClient", "Postgres", "Resources", "Splitting", "TestSupport", "soak", "soak-check", "turnout",
            yams,
        ], exclude: ["contract-requirements.txt"]),
    tests("Soak", ["Resources", "SoakChecks", "SoakHistory", "Splitting", "soak"], exclude: ["Mutants"]),
]

let package = Package(
    name: "turnout",
    products: [.executable(name: "turnout", targets: ["turnout"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: floor0 + floor1 + floor2 + floor3 + floor4 + floor5 + soakRooms + testRooms
)
