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

let package = Package(
    name: "turnout",
    targets: [
        .target(name: "Resources", swiftSettings: strict),
        .target(name: "Splitting", dependencies: ["Resources"], swiftSettings: strict),
        .testTarget(
            name: "SplittingTests", dependencies: ["Resources", "Splitting"], exclude: ["Vectors"],
            swiftSettings: strict),
    ]
)
